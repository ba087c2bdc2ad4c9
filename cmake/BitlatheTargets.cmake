# SPDX-License-Identifier: Apache-2.0
# bitlathe_flags carries every warning and define; bitlathe_room and bitlathe_add_test are the two ways to add a target.

add_library(bitlathe_flags INTERFACE)
target_compile_features(bitlathe_flags INTERFACE cxx_std_20)
target_compile_options(bitlathe_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
    # One source gives one result on every machine: no fused multiply-add where the code does not ask for it.
    -ffp-contract=off)
target_include_directories(bitlathe_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(BITLATHE_SANITIZE)
    target_compile_options(bitlathe_flags INTERFACE -fsanitize=${BITLATHE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(bitlathe_flags INTERFACE -fsanitize=${BITLATHE_SANITIZE})
endif()

# bitlathe_room(NAME SOURCES file... PUBLIC lib... PRIVATE lib...): a folder of the house as a static library of its name.
function(bitlathe_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    if(ROOM_SOURCES)
        add_library(bitlathe_${name} STATIC ${ROOM_SOURCES})
        target_link_libraries(bitlathe_${name} PUBLIC bitlathe_flags ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
        set_target_properties(bitlathe_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    else()
        add_library(bitlathe_${name} INTERFACE)
        target_link_libraries(bitlathe_${name} INTERFACE bitlathe_flags ${ROOM_PUBLIC})
    endif()
endfunction()

# bitlathe_add_test(PATH LIBS lib... [GUI] [SLOW] [TIMEOUT s] [SOURCES file...]): builds PATH/tst_NAME.cpp given as
# "room/name" into the test program tst_room_name and registers it.
function(bitlathe_add_test path)
    cmake_parse_arguments(TST "GUI;SLOW" "TIMEOUT" "LIBS;SOURCES" ${ARGN})
    get_filename_component(dir ${path} DIRECTORY)
    get_filename_component(unit ${path} NAME)
    string(REPLACE "/" "_" target "tst_${path}")
    set(source tst_${unit}.cpp)
    if(dir AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/${source})
        set(source ${dir}/${source})
    endif()
    add_executable(${target} ${source} ${TST_SOURCES})
    set_target_properties(${target} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(${target} PRIVATE bitlathe_flags Qt6::Test ${TST_LIBS})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_compile_definitions(${target} PRIVATE
        BITLATHE_SHARED="${BITLATHE_SHARED}" BITLATHE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${path} COMMAND ${target})
    set(labels fast)
    if(TST_SLOW)
        set(labels slow)
    endif()
    if(TST_GUI)
        list(APPEND labels gui)
    endif()
    if(NOT TST_TIMEOUT)
        set(TST_TIMEOUT 300)
    endif()
    set_tests_properties(${path} PROPERTIES LABELS "${labels}" TIMEOUT ${TST_TIMEOUT}
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen" SKIP_REGULAR_EXPRESSION "^SKIP whole test")
endfunction()
