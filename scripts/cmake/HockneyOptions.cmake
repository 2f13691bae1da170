# What a user can choose. Everything else follows from the platform.
option(HOCKNEY_TESTS "Build the tests" ON)
option(HOCKNEY_BENCH "Build hockney-bench (needs MPI); OFF leaves the analysis program alone" ON)
option(HOCKNEY_WERROR "Treat compiler warnings as errors" OFF)
option(HOCKNEY_LTO "Optimise across files, which also finds two definitions of one name (-Wodr)" OFF)
set(HOCKNEY_SANITIZER "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
option(HOCKNEY_FUZZ "Build the targets of tests/fuzz with libFuzzer, and all else with its coverage, ASan and UBSan" OFF)
set(HOCKNEY_CUDA AUTO CACHE STRING "CUDA and NCCL: AUTO (when found), ON (missing is an error), OFF")
set_property(CACHE HOCKNEY_CUDA PROPERTY STRINGS AUTO ON OFF)
option(HOCKNEY_STATIC_CUDART "Link the CUDA runtime statically, for a bundle that runs where no CUDA Toolkit is" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O3 only makes the build longer: what is timed happens in MPI, and the fit's inner loops are the same at -O2
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(HOCKNEY_SHARE_DIR ${CMAKE_BINARY_DIR}/share/hockney)

# RUNPATH rather than RPATH, so that LD_LIBRARY_PATH can put another CUDA runtime or NCCL in place of the linked one
add_link_options(LINKER:--enable-new-dtags)

if(HOCKNEY_LTO)
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-flto=auto>)
  add_link_options(-flto=auto -Wodr -Wlto-type-mismatch)
  if(HOCKNEY_WERROR)
    add_link_options(-Werror=odr -Werror=lto-type-mismatch)
  endif()
endif()

# GCC 12 warns of copies within std::string and std::variant (its bug 105329) once their headers are precompiled.
# -Wpedantic and -Wconversion complain about what nvcc generates for the host compiler
add_library(hockney_warnings INTERFACE)
target_compile_options(hockney_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:C,CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion>
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-array-bounds$<SEMICOLON>-Wno-restrict$<SEMICOLON>-Wno-stringop-overflow$<SEMICOLON>-Wno-maybe-uninitialized>
  $<$<AND:$<COMPILE_LANGUAGE:C,CXX>,$<BOOL:${HOCKNEY_WERROR}>>:-Werror>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wshadow>
  $<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${HOCKNEY_WERROR}>>:-Werror=all-warnings>)
if(HOCKNEY_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)  # std::source_location
    message(FATAL_ERROR "HOCKNEY_FUZZ=ON needs clang 15 or newer with libFuzzer (Debian 12: clang-19, "
                        "libclang-rt-19-dev): set CMAKE_C_COMPILER and CMAKE_CXX_COMPILER; the compiler here is "
                        "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
  endif()
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -fsanitize=fuzzer)
  check_cxx_source_compiles("#include <cstddef>\n#include <cstdint>\nextern \"C\" int LLVMFuzzerTestOneInput(const
                             std::uint8_t*, std::size_t) { return 0; }" HOCKNEY_HAVE_LIBFUZZER)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT HOCKNEY_HAVE_LIBFUZZER)
    message(FATAL_ERROR "HOCKNEY_FUZZ=ON, but this clang has no libFuzzer (Debian 12: libclang-rt-19-dev)")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(HOCKNEY_SANITIZER)
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=${HOCKNEY_SANITIZER}>
                      $<$<COMPILE_LANGUAGE:C,CXX>:-fno-omit-frame-pointer>
                      $<$<COMPILE_LANGUAGE:C,CXX>:-fno-sanitize-recover=all>)
  add_link_options(-fsanitize=${HOCKNEY_SANITIZER})
endif()
