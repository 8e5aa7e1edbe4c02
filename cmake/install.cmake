# What `make install` puts under PREFIX. Everything is found from where it lies, so the installed tree
# may be moved.
if(TARGET memscope)
    install(TARGETS memscope RUNTIME)
    foreach(name IN ITEMS analyze report benchmark)
        install(FILES ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/memscope-${name}
                DESTINATION ${CMAKE_INSTALL_BINDIR})
    endforeach()
endif()
if(TARGET libmemscope)
    install(TARGETS libmemscope LIBRARY)
endif()
