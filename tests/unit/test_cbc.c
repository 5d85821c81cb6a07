/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/cbc.h"

/* In the place of the system's: this machine has no such library. */
void *
dlopen(const char *name, int flags)
{
    (void)flags;
    assert_non_null(strstr(name, "libCbcSolver"));
    return NULL;
}

static void
where_there_is_no_library_there_is_no_solver(void **state)
{
    (void)state;
    assert_null(cbc_load());
    assert_null(cbc_load());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(where_there_is_no_library_there_is_no_solver)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
