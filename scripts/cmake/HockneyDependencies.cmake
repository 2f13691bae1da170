# Every outside package, found once. The library that uses one names it; design: each stays private to one folder.
find_package(fmt REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost REQUIRED)  # headers: Boost.Math distributions
find_package(HDF5 REQUIRED COMPONENTS C HL)

find_package(benchmark QUIET)  # required below for hockney-bench; without it the analysis' own benchmark is left out

# optional, too: the library that draws the charts of `hockney report`, embedded into the program
find_file(HOCKNEY_DYGRAPHS dygraph.min.js PATHS /usr/share/javascript/dygraphs DOC "dygraphs, minified")
mark_as_advanced(HOCKNEY_DYGRAPHS)
if(NOT HOCKNEY_DYGRAPHS)
  message(STATUS "hockney: without dygraphs: no `hockney report` (Debian: libjs-dygraphs)")
endif()

if(HOCKNEY_BENCH)
  find_package(MPI REQUIRED COMPONENTS CXX)
  find_package(benchmark REQUIRED)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(HWLOC REQUIRED IMPORTED_TARGET hwloc)
  # optional; the one without threads and linked statically, so that no thread pool starts beside what is measured
  find_library(HOCKNEY_OPENBLAS_LIBRARY NAMES libopenblas.a openblas
               PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial NO_DEFAULT_PATH)
  find_library(HOCKNEY_OPENBLAS_LIBRARY NAMES openblas)
  find_path(HOCKNEY_OPENBLAS_INCLUDE NAMES openblas_config.h
            PATHS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial NO_DEFAULT_PATH)
  find_path(HOCKNEY_OPENBLAS_INCLUDE NAMES openblas_config.h PATH_SUFFIXES openblas)
  mark_as_advanced(HOCKNEY_OPENBLAS_LIBRARY HOCKNEY_OPENBLAS_INCLUDE)
  if(HOCKNEY_OPENBLAS_LIBRARY AND HOCKNEY_OPENBLAS_INCLUDE)
    set(HOCKNEY_HAVE_OPENBLAS ON)
    add_library(hockney_openblas INTERFACE)
    target_include_directories(hockney_openblas SYSTEM INTERFACE ${HOCKNEY_OPENBLAS_INCLUDE})
    target_link_libraries(hockney_openblas INTERFACE ${HOCKNEY_OPENBLAS_LIBRARY})
  else()
    message(STATUS "hockney: without OpenBLAS: host matrix products are skipped (Debian: libopenblas-serial-dev)")
  endif()
endif()
find_package(benchmark QUIET)  # without hockney-bench: for benchmarks of the analysis, where it is installed
if(HOCKNEY_TESTS)
  find_package(GTest REQUIRED)
endif()

# optional: what `hockney simulate` runs, and what SimGrid itself makes of an exported platform
find_library(HOCKNEY_SIMGRID_LIBRARY NAMES simgrid)
find_path(HOCKNEY_SIMGRID_INCLUDE NAMES simgrid/s4u.hpp)
mark_as_advanced(HOCKNEY_SIMGRID_LIBRARY HOCKNEY_SIMGRID_INCLUDE)
if(HOCKNEY_SIMGRID_LIBRARY AND HOCKNEY_SIMGRID_INCLUDE)
  set(HOCKNEY_HAVE_SIMGRID ON)
  add_library(hockney_simgrid INTERFACE)
  target_include_directories(hockney_simgrid SYSTEM INTERFACE ${HOCKNEY_SIMGRID_INCLUDE})
  target_link_libraries(hockney_simgrid INTERFACE ${HOCKNEY_SIMGRID_LIBRARY})
else()
  message(STATUS "hockney: without SimGrid: no `hockney simulate`, no test of exported platforms (Debian: libsimgrid-dev)")
endif()

add_library(hockney_hdf5 INTERFACE)
target_include_directories(hockney_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_compile_definitions(hockney_hdf5 INTERFACE ${HDF5_C_DEFINITIONS})
target_link_libraries(hockney_hdf5 INTERFACE ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES})

include(HockneyCuda)
