# What a user can choose. Everything else follows from the platform.
option(HOCKNEY_TESTS "Build the tests" ON)
option(HOCKNEY_BENCH "Build hockney-bench (needs MPI); OFF leaves the analysis program alone" ON)
option(HOCKNEY_WERROR "Treat compiler warnings as errors" OFF)
set(HOCKNEY_SANITIZER "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
set(HOCKNEY_CUDA AUTO CACHE STRING "CUDA and NCCL: AUTO (when found), ON (missing is an error), OFF")
set_property(CACHE HOCKNEY_CUDA PROPERTY STRINGS AUTO ON OFF)

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

add_library(hockney_warnings INTERFACE)
target_compile_options(hockney_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                       $<$<BOOL:${HOCKNEY_WERROR}>:-Werror>)
if(HOCKNEY_SANITIZER)
  add_compile_options(-fsanitize=${HOCKNEY_SANITIZER} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HOCKNEY_SANITIZER})
endif()
