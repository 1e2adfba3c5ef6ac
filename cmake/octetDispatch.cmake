# octet_dispatch(TARGET NAME DEPENDENCY SOURCE...): adds to TARGET one object for each instruction set of OCTET_DISPATCH, in which
# SOURCEs were compiled with its flags and whose entry octet_NAME_<set> alone can be seen (dispatch/merge.py).
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(octet_flags_avx2 -mavx2 -mfma -mbmi -mbmi2)
set(octet_flags_avxvnni ${octet_flags_avx2} -mavxvnni)
set(octet_flags_avx512bw ${octet_flags_avx2} -mavx512f -mavx512cd -mavx512bw -mavx512dq -mavx512vl)
set(octet_flags_avx512vnni ${octet_flags_avx512bw} -mavx512vnni)
set(octet_flags_dotprod -march=armv8.2-a+dotprod)
set(octet_flags_i8mm -march=armv8.2-a+dotprod+i8mm)

function(octet_dispatch target name dependency)
  set(sets "")
  foreach(set IN LISTS OCTET_DISPATCH)
    if(NOT DEFINED octet_flags_${set})
      message(FATAL_ERROR "OCTET_DISPATCH: no such instruction set: ${set}")
    endif()
    set(unit octet-${name}-${set})
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${unit}.o)
    add_library(${unit} OBJECT ${ARGN})
    set_target_properties(${unit} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_definitions(${unit} PRIVATE OCTET_BUILDING OCTET_UNIT=${set})
    target_compile_options(${unit} PRIVATE ${octet_flags_${set}} $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
    target_link_libraries(${unit} PRIVATE ${dependency})
    add_custom_command(OUTPUT ${object} COMMAND_EXPAND_LISTS VERBATIM
      COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/dispatch/merge.py ${CMAKE_OBJCOPY} ${CMAKE_NM} ${object}
        octet_${name}_${set} $<TARGET_OBJECTS:${unit}> -- ${CMAKE_CXX_COMPILER}
      DEPENDS $<TARGET_OBJECTS:${unit}> ${CMAKE_CURRENT_SOURCE_DIR}/dispatch/merge.py)
    target_sources(${target} PRIVATE ${object})
    set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
    string(APPEND sets "OCTET_SET(${set})")
  endforeach()
  target_compile_definitions(${target} PRIVATE "OCTET_SETS=${sets}")
endfunction()
