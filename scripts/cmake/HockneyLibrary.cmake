# The libraries are the rows of scripts/layers: a name, a folder, and the libraries that it sees. CMake links what the
# table says and scripts/check_layers holds every #include against it, so that the two cannot disagree.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scripts/layers)
file(STRINGS ${CMAKE_SOURCE_DIR}/scripts/layers rows REGEX "^[a-z]")
foreach(row IN LISTS rows)
  string(REGEX MATCH "^([a-z_]+) +([^ ]+) *:(.*)$" matched "${row}")
  set(HOCKNEY_FOLDER_${CMAKE_MATCH_1} ${CMAKE_SOURCE_DIR}/${CMAKE_MATCH_2})
  separate_arguments(HOCKNEY_SEES_${CMAKE_MATCH_1} UNIX_COMMAND "${CMAKE_MATCH_3}")
  list(TRANSFORM HOCKNEY_SEES_${CMAKE_MATCH_1} PREPEND hockney::)
  list(APPEND HOCKNEY_LIBRARY_FOLDERS ${CMAKE_SOURCE_DIR}/${CMAKE_MATCH_2})
endforeach()

# What nearly every file reads, parsed once for all targets: without it most of a build's time goes there.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "// Holds what precompiled.hpp includes.\n")
add_library(hockney_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
target_link_libraries(hockney_precompiled PRIVATE fmt::fmt hockney_warnings)
target_precompile_headers(hockney_precompiled PRIVATE
  "$<$<COMPILE_LANGUAGE:CXX>:${CMAKE_CURRENT_LIST_DIR}/precompiled.hpp>")

# Optimising is half of the time that compiling takes, and pays neither in tests nor where command lines are read. Not
# -O0 there: what it makes of the standard library's templates would be linked into the whole program.
set(HOCKNEY_COLD $<$<CONFIG:Release>:-O1>)
add_library(hockney_test INTERFACE)
target_compile_options(hockney_test INTERFACE ${HOCKNEY_COLD})
target_link_libraries(hockney_test INTERFACE hockney_warnings)
if(HOCKNEY_TESTS)
  target_link_libraries(hockney_test INTERFACE GTest::gtest)
  add_library(hockney_test_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(hockney_test_precompiled PRIVATE fmt::fmt hockney_test)
  target_precompile_headers(hockney_test_precompiled PRIVATE ${CMAKE_CURRENT_LIST_DIR}/precompiled.hpp <gtest/gtest.h>)
endif()

# hockney_sources(RESULT FOLDER): the .cpp, .cu and .hpp files of a library's folder, without those of libraries in it.
function(hockney_sources result folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/*.cu ${folder}/*.hpp)
  foreach(other IN LISTS HOCKNEY_LIBRARY_FOLDERS)
    cmake_path(IS_PREFIX folder ${other} is_inside)
    if(is_inside AND NOT other STREQUAL folder)
      list(FILTER files EXCLUDE REGEX "^${other}/")
    endif()
  endforeach()
  set(${result} ${files} PARENT_SCOPE)
endfunction()

# hockney_library(NAME [PUBLIC targets...] [PRIVATE targets...] [PRECOMPILE headers...]): the library of a row of
#   scripts/layers, alias hockney::NAME, linked with what it sees and with the outside packages named here; PRECOMPILE
#   names headers that nearly all of its sources include, beside those of precompiled.hpp. From every source of its folder:
#   *_test.cpp      become the program test_NAME, one ctest entry with label `unit`;
#   *_gpu_test.cpp  become the program test_NAME_gpu, one ctest entry with label `gpu`, skipped where there is no GPU.
function(hockney_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PUBLIC;PRIVATE;PRECOMPILE")
  hockney_sources(files ${HOCKNEY_FOLDER_${name}})
  set(tests ${files})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(gpu_tests ${tests})
  list(FILTER tests EXCLUDE REGEX "_gpu_test\\.cpp$")
  list(FILTER gpu_tests INCLUDE REGEX "_gpu_test\\.cpp$")
  set(sources ${files})
  list(FILTER sources EXCLUDE REGEX "(_test(_main)?\\.cpp|/main\\.cpp|\\.hpp)$")
  set(sees ${HOCKNEY_SEES_${name}})
  if(NOT HOCKNEY_HAVE_CUDA)
    list(REMOVE_ITEM sees hockney::cuda hockney::nccl hockney::gpu)
  endif()

  add_library(hockney_${name} STATIC ${sources})
  add_library(hockney::${name} ALIAS hockney_${name})
  target_include_directories(hockney_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/analysis)
  target_link_libraries(hockney_${name} PUBLIC ${sees} ${arg_PUBLIC}
                        PRIVATE ${arg_PRIVATE} hockney_warnings)
  if(arg_PRECOMPILE)
    target_precompile_headers(hockney_${name} PRIVATE ${CMAKE_SOURCE_DIR}/scripts/cmake/precompiled.hpp ${arg_PRECOMPILE})
  else()
    target_precompile_headers(hockney_${name} REUSE_FROM hockney_precompiled)
  endif()

  if(HOCKNEY_TESTS AND tests)
    add_executable(test_${name} ${tests})
    target_link_libraries(test_${name} PRIVATE hockney::${name} ${arg_PRIVATE} hockney_test GTest::gtest_main)
    target_precompile_headers(test_${name} REUSE_FROM hockney_test_precompiled)
    add_test(NAME unit_${name} COMMAND test_${name})
    set_tests_properties(unit_${name} PROPERTIES LABELS unit)
  endif()
  if(HOCKNEY_TESTS AND gpu_tests)
    add_executable(test_${name}_gpu ${gpu_tests} ${CMAKE_SOURCE_DIR}/src/cuda/gpu_test_main.cpp)
    target_link_libraries(test_${name}_gpu PRIVATE hockney::${name} hockney::cuda ${arg_PRIVATE} hockney_test)
    add_test(NAME gpu_${name} COMMAND test_${name}_gpu)
    set_tests_properties(gpu_${name} PROPERTIES LABELS gpu SKIP_RETURN_CODE 77 TIMEOUT 300)
  endif()
endfunction()

# hockney_program(NAME OUTPUT output-name SOURCES ... LINK targets...)
function(hockney_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${arg_OUTPUT})
  target_compile_definitions(${name} PRIVATE HOCKNEY_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE ${arg_LINK} hockney_warnings)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# hockney_share(FOLDER files...): puts files where the programs look for them, in the build tree and on install.
function(hockney_share folder)
  foreach(file IN LISTS ARGN)
    cmake_path(GET file FILENAME name)
    configure_file(${file} ${HOCKNEY_SHARE_DIR}/${folder}/${name} COPYONLY)
  endforeach()
  install(FILES ${ARGN} DESTINATION share/hockney/${folder})
endfunction()
