# The page of the HTML report, from web/ into build/web/dashboard.html and from there into memscope.
# Sources stay clean: packages and output are in the build tree. Without Node.js, or when its packages
# are out of reach, the page is an empty file, and `memscope report -f html` says that it is left out.
set(dashboard_dir ${PROJECT_BINARY_DIR}/web)
set(dashboard ${dashboard_dir}/dashboard.html)
find_program(NODE NAMES node)
find_program(NPM NAMES npm)
file(GLOB_RECURSE dashboard_sources CONFIGURE_DEPENDS web/src/* web/build.mjs)
if(NODE AND NPM)
    set(dashboard_packages ${dashboard_dir}/node_modules/.package-lock.json)
    add_custom_command(
        OUTPUT ${dashboard_packages} VERBATIM
        DEPENDS ${PROJECT_SOURCE_DIR}/web/package.json ${PROJECT_SOURCE_DIR}/web/package-lock.json
        COMMAND ${PROJECT_SOURCE_DIR}/web/install ${PROJECT_SOURCE_DIR}/web ${dashboard_dir}
        COMMENT "Installing the packages that the dashboard is built with")
    add_custom_command(
        OUTPUT ${dashboard} VERBATIM
        DEPENDS ${dashboard_packages} ${dashboard_sources}
        COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/web/build.mjs ${dashboard_dir}
        COMMENT "Building the dashboard")
else()
    message(STATUS "No Node.js with npm: the HTML report is left out (scripts/bootstrap brings it)")
    file(WRITE ${dashboard} "")
endif()
# A dependency of what includes it as bytes, and a target: two libraries may be built at once.
set_source_files_properties(src/export/html_template.c PROPERTIES
                            OBJECT_DEPENDS ${dashboard}
                            COMPILE_DEFINITIONS "MS_DASHBOARD=\"${dashboard}\"")
