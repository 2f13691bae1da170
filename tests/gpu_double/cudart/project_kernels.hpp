#pragma once

#include <cstddef>
#include <string_view>

namespace hockney::gpu_double {

/// A kernel of the project (src/cuda/kernel_arguments.hpp) as a function of the bytes of its one argument.
struct ProjectKernel {
  std::string_view name;
  std::size_t argument_size;
  void (*run)(const std::byte* argument);
};

/// Null for a kernel that is not the project's.
const ProjectKernel* find_project_kernel(std::string_view name);

}  // namespace hockney::gpu_double
