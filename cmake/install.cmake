# The man pages, and what `make install` puts where. Nothing installed holds an absolute path: the
# tree may be moved.
include(CMakePackageConfigHelpers)

if(TARGET memscope)
    install(TARGETS memscope RUNTIME)
    foreach(name IN ITEMS analyze report benchmark)
        install(FILES ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/memscope-${name}
                DESTINATION ${CMAKE_INSTALL_BINDIR})
    endforeach()

    set(man_dir ${PROJECT_BINARY_DIR}/man/man1)
    add_custom_command(
        OUTPUT ${man_dir}/memscope.1 DEPENDS memscope cmake/man.cmake VERBATIM
        COMMAND ${CMAKE_COMMAND} -D MEMSCOPE=$<TARGET_FILE:memscope> -D OUT=${man_dir}
                -P ${PROJECT_SOURCE_DIR}/cmake/man.cmake)
    add_custom_target(man ALL DEPENDS ${man_dir}/memscope.1)
    install(DIRECTORY ${man_dir} DESTINATION ${CMAKE_INSTALL_MANDIR})
endif()

if(TARGET libmemscope)
    set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/memscope)
    set_target_properties(libmemscope PROPERTIES EXPORT_NAME memscope)
    install(TARGETS libmemscope EXPORT memscope LIBRARY)
    install(EXPORT memscope FILE memscope-config.cmake NAMESPACE memscope::
            DESTINATION ${package_dir})
    write_basic_package_version_file(${PROJECT_BINARY_DIR}/memscope-config-version.cmake
                                     COMPATIBILITY SameMajorVersion)
    install(FILES ${PROJECT_BINARY_DIR}/memscope-config-version.cmake DESTINATION ${package_dir})

    configure_file(cmake/memscope.pc.in memscope.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/memscope.pc
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

if(EXISTS ${PROJECT_SOURCE_DIR}/include/memscope.h)
    install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
    target_include_directories(libmemscope INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endif()
