/* SPDX-License-Identifier: Apache-2.0
 *
 * The command jinzai: every method of the daemon as NOUN VERB, from the rows of the catalogue.
 */
#include "command.h"

int
main(int argc, char **argv)
{
    struct session session;
    enum exit_code code;

    language_select_utf8();
    session_init(&session);
    code = command_run(&session, argc - 1, argv + 1);
    session_close(&session);
    if (code == EXIT_OK && (fflush(stdout) != 0 || ferror(stdout) != 0))
        code =
            failure_say(EXIT_OUTPUT, "%s",
                        language_pick(session.language, "cannot write the output", "出力できない"));
    return (int)code;
}
