# CUDA and NCCL are optional. AUTO uses them when both are there, ON insists, OFF does not look.
# Sets HOCKNEY_HAVE_CUDA; then there are the targets hockney_cudart (the CUDA runtime) and NCCL::nccl.
set(HOCKNEY_CUDA_FLOOR 12.0)  # C++20 in nvcc
set(HOCKNEY_NCCL_FLOOR 2.22)  # hockney::nccl::floor_version says why
set(HOCKNEY_HAVE_CUDA OFF)

# hockney_find_cuda(RESULT): sets RESULT to why CUDA and NCCL cannot be used; empty when they can.
macro(hockney_find_cuda result)
  set(${result} "")
  find_package(CUDAToolkit QUIET)
  find_path(HOCKNEY_NCCL_INCLUDE nccl.h HINTS ${CUDAToolkit_INCLUDE_DIRS} ENV NCCL_HOME PATH_SUFFIXES include)
  find_library(HOCKNEY_NCCL_LIBRARY nccl HINTS ${CUDAToolkit_LIBRARY_DIR} ENV NCCL_HOME PATH_SUFFIXES lib lib64)
  mark_as_advanced(HOCKNEY_NCCL_INCLUDE HOCKNEY_NCCL_LIBRARY)
  if(NOT CUDAToolkit_FOUND)
    set(${result} "the CUDA Toolkit was not found (set CUDAToolkit_ROOT to its folder)")
  elseif(CUDAToolkit_VERSION VERSION_LESS HOCKNEY_CUDA_FLOOR)
    set(${result} "CUDA ${CUDAToolkit_VERSION} is too old: ${HOCKNEY_CUDA_FLOOR} or newer is needed")
  elseif(NOT HOCKNEY_NCCL_INCLUDE OR NOT HOCKNEY_NCCL_LIBRARY)
    set(${result} "NCCL was not found (set NCCL_HOME to its folder)")
  else()
    file(STRINGS ${HOCKNEY_NCCL_INCLUDE}/nccl.h lines REGEX "^#define NCCL_(MAJOR|MINOR|PATCH) +[0-9]+")
    string(REGEX REPLACE "[^0-9;]" "" HOCKNEY_NCCL_VERSION "${lines}")
    list(JOIN HOCKNEY_NCCL_VERSION "." HOCKNEY_NCCL_VERSION)
    if(HOCKNEY_NCCL_VERSION VERSION_LESS HOCKNEY_NCCL_FLOOR)
      set(${result}
          "NCCL ${HOCKNEY_NCCL_VERSION} in ${HOCKNEY_NCCL_INCLUDE} is too old: ${HOCKNEY_NCCL_FLOOR} or newer is needed")
    endif()
  endif()
endmacro()

if(HOCKNEY_BENCH AND NOT HOCKNEY_CUDA STREQUAL "OFF")
  hockney_find_cuda(why_not)
  if(why_not AND HOCKNEY_CUDA STREQUAL "ON")
    message(FATAL_ERROR "HOCKNEY_CUDA=ON, but ${why_not}")
  elseif(why_not)
    message(STATUS "hockney: without CUDA and NCCL: ${why_not}")
  else()
    set(HOCKNEY_HAVE_CUDA ON)
    message(STATUS "hockney: CUDA ${CUDAToolkit_VERSION}, NCCL ${HOCKNEY_NCCL_VERSION}")
  endif()
endif()

if(HOCKNEY_HAVE_CUDA)
  if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX} AND CUDAToolkit_NVCC_EXECUTABLE)
    set(CMAKE_CUDA_COMPILER ${CUDAToolkit_NVCC_EXECUTABLE})  # nvcc need not be in PATH
  endif()
  if(NOT CMAKE_CUDA_HOST_COMPILER AND NOT DEFINED ENV{CUDAHOSTCXX})
    set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  endif()
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES all-major CACHE STRING "GPU architectures to build for")
  endif()
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_EXTENSIONS OFF)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)  # CMake 3.25 does not know that nvcc has it
  endif()
  set(CMAKE_CUDA_RUNTIME_LIBRARY None)  # hockney_cudart says which
  set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

  add_library(hockney_cudart INTERFACE)
  target_link_libraries(hockney_cudart INTERFACE
                        $<IF:$<BOOL:${HOCKNEY_STATIC_CUDART}>,CUDA::cudart_static,CUDA::cudart>)

  add_library(NCCL::nccl UNKNOWN IMPORTED)
  set_target_properties(NCCL::nccl PROPERTIES
    IMPORTED_LOCATION ${HOCKNEY_NCCL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${HOCKNEY_NCCL_INCLUDE}
    INTERFACE_LINK_LIBRARIES hockney_cudart)
endif()
