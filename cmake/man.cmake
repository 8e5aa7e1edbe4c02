# cmake -D MEMSCOPE=BINARY -D OUT=DIR -P cmake/man.cmake - writes memscope.1 and memscope-VERB.1, as
# the program prints them, so that they cannot differ from what it does.
function(memscope result)
    execute_process(COMMAND ${MEMSCOPE} ${ARGN} OUTPUT_VARIABLE text RESULT_VARIABLE status)
    if(status)
        message(FATAL_ERROR "memscope ${ARGN}: ${status}")
    endif()
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${OUT})
memscope(page help --man)
file(WRITE ${OUT}/memscope.1 "${page}")
memscope(verbs help --verbs)
string(REGEX MATCHALL "[a-z]+" verbs "${verbs}")
foreach(verb IN LISTS verbs)
    memscope(page help --man ${verb})
    file(WRITE ${OUT}/memscope-${verb}.1 "${page}")
endforeach()
