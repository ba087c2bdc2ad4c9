# SPDX-License-Identifier: Apache-2.0
# What is installed beside the programs, by component: bitlathe (the window), bitlathe-cli (the command line, and what both find
# at run time), bitlathe-cuda (the plug-in). bitlathe_install_program(TARGET) installs a program with manual page and completions.

set(BITLATHE_HOMEPAGE "" CACHE STRING "Address of the source repository, for links to it and to pictures in the window's metadata")
set(BITLATHE_APP_ID org.bitlathe.bitlathe)
set(BITLATHE_SHARE ${CMAKE_INSTALL_DATADIR})

# Both follow SOURCE_DATE_EPOCH where it is set.
string(TIMESTAMP BITLATHE_RELEASE_DATE "%Y-%m-%d" UTC)
string(TIMESTAMP BITLATHE_CHANGELOG_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)

# bitlathe_made(FILE TARGET ARGUMENTS...): FILE is what the program of TARGET prints.
function(bitlathe_made file target)
    add_custom_command(OUTPUT ${file}
        COMMAND $<TARGET_FILE:${target}> ${ARGN} > ${file}
        DEPENDS ${target} VERBATIM)
endfunction()

# The page of manuals as packages have it: compressed, with neither name nor date.
function(bitlathe_compressed file from)
    add_custom_command(OUTPUT ${file} COMMAND gzip -9nc ${from} > ${file} DEPENDS ${from} VERBATIM)
endfunction()

# A program of a build with sanitizers may say more than it was asked for: such builds make no pages.
function(bitlathe_install_program target manual completions)
    install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${target})
    if(BITLATHE_SANITIZE)
        return()
    endif()
    set(folder ${CMAKE_BINARY_DIR}/usage)
    file(MAKE_DIRECTORY ${folder})
    bitlathe_made(${folder}/${target}.1 ${target} ${manual})
    bitlathe_compressed(${folder}/${target}.1.gz ${folder}/${target}.1)
    set(made ${folder}/${target}.1.gz)
    foreach(shell bash zsh fish)
        bitlathe_made(${folder}/${target}.${shell} ${target} ${completions} ${shell})
        list(APPEND made ${folder}/${target}.${shell})
    endforeach()
    add_custom_target(${target}-usage ALL DEPENDS ${made})
    install(FILES ${folder}/${target}.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${target})
    install(FILES ${folder}/${target}.bash DESTINATION ${BITLATHE_SHARE}/bash-completion/completions
        RENAME ${target} COMPONENT ${target})
    install(FILES ${folder}/${target}.zsh DESTINATION ${BITLATHE_SHARE}/zsh/vendor-completions
        RENAME _${target} COMPONENT ${target})
    install(FILES ${folder}/${target}.fish DESTINATION ${BITLATHE_SHARE}/fish/vendor_completions.d COMPONENT ${target})
endfunction()

# Where the desktop finds the window. Pictures have an address only where the repository has one.
function(bitlathe_install_desktop_files)
    set(data ${PROJECT_SOURCE_DIR}/packaging/data)
    set(BITLATHE_METAINFO_LINKS "")
    if(BITLATHE_HOMEPAGE)
        set(pictures "")
        foreach(picture "compare-light-en;A model compared with its 4-bit version" "tune-light-en;One layer under every setting"
                        "model-light-en;The layers of a model" "compare-dark-en;The dark theme")
            list(GET picture 0 file)
            list(GET picture 1 caption)
            list(LENGTH pictures count)
            string(APPEND pictures "    <screenshot>\n      <caption>${caption}</caption>\n"
                "      <image>${BITLATHE_HOMEPAGE}/raw/v${PROJECT_VERSION}/docs/screenshots/${file}.png</image>\n    </screenshot>\n")
        endforeach()
        string(REGEX REPLACE "^    <screenshot>" "    <screenshot type=\"default\">" pictures "${pictures}")
        set(BITLATHE_METAINFO_LINKS
            "  <url type=\"homepage\">${BITLATHE_HOMEPAGE}</url>\n  <screenshots>\n${pictures}  </screenshots>\n")
    endif()
    configure_file(${data}/bitlathe.metainfo.xml.in ${CMAKE_BINARY_DIR}/usage/${BITLATHE_APP_ID}.metainfo.xml @ONLY)
    install(FILES ${CMAKE_BINARY_DIR}/usage/${BITLATHE_APP_ID}.metainfo.xml
        DESTINATION ${BITLATHE_SHARE}/metainfo COMPONENT bitlathe)
    install(FILES ${data}/bitlathe.desktop DESTINATION ${BITLATHE_SHARE}/applications COMPONENT bitlathe)
    install(FILES ${data}/bitlathe-mime.xml DESTINATION ${BITLATHE_SHARE}/mime/packages
        RENAME bitlathe.xml COMPONENT bitlathe)
    install(FILES ${PROJECT_SOURCE_DIR}/resources/icons/bitlathe.svg
        DESTINATION ${BITLATHE_SHARE}/icons/hicolor/scalable/apps COMPONENT bitlathe)
endfunction()

# What Debian's packages keep in share/doc/PACKAGE.
function(bitlathe_install_documents component)
    set(folder ${CMAKE_BINARY_DIR}/usage)
    set(where ${BITLATHE_SHARE}/doc/${component})
    install(FILES ${PROJECT_SOURCE_DIR}/packaging/data/copyright DESTINATION ${where} COMPONENT ${component})
    install(FILES ${folder}/changelog.gz ${folder}/changelog.Debian.gz DESTINATION ${where} COMPONENT ${component})
endfunction()
