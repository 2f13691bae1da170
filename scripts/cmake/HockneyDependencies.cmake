# Every outside package, found once. The library that uses one names it; design: each stays private to one folder.
find_package(fmt REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost REQUIRED)  # headers: Boost.Math distributions
find_package(HDF5 REQUIRED COMPONENTS C HL)

find_package(benchmark QUIET)  # required below for hockney-bench; without it the analysis' own benchmark is left out

if(HOCKNEY_BENCH)
  find_package(MPI REQUIRED COMPONENTS CXX)
  find_package(benchmark REQUIRED)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(HWLOC REQUIRED IMPORTED_TARGET hwloc)
endif()
if(HOCKNEY_TESTS)
  find_package(GTest REQUIRED)
endif()

add_library(hockney_hdf5 INTERFACE)
target_include_directories(hockney_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_compile_definitions(hockney_hdf5 INTERFACE ${HDF5_C_DEFINITIONS})
target_link_libraries(hockney_hdf5 INTERFACE ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES})

include(HockneyCuda)
