# hockney_embed(TARGET NAMESPACE VARIABLE FILE [VARIABLE FILE ...]): makes each FILE a `std::string_view VARIABLE` of the
# namespace and compiles it into the target; an empty FILE makes it empty. The target includes a header that declares
# them as `extern const std::string_view`. References to source maps go: nothing outside is to be looked for.
function(hockney_embed target namespace)
  set(text "#include <string_view>\n\nnamespace ${namespace} {\n")
  list(LENGTH ARGN count)
  math(EXPR last "${count} - 2")
  foreach(place RANGE 0 ${last} 2)
    math(EXPR next "${place} + 1")
    list(GET ARGN ${place} variable)
    list(GET ARGN ${next} file)
    set(bytes "")
    if(file)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
      file(READ ${file} bytes)
      string(REGEX REPLACE "//# sourceMappingURL=[^\n]*\n?" "" bytes "${bytes}")
    endif()
    string(APPEND text "extern const std::string_view ${variable};\n"
                       "const std::string_view ${variable} = R\"EMBEDDED(${bytes})EMBEDDED\";\n")
  endforeach()
  string(APPEND text "}\n")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp CONTENT "@text@" @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp)
endfunction()
