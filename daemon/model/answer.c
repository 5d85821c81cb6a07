/* SPDX-License-Identifier: Apache-2.0 */
#include "model/answer.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4096 };

int
model_answer_put(const char *text, size_t size, void *data)
{
    struct model_answer *answer = data;

    if (answer->size + size + 1 > answer->room) {
        size_t room = answer->room > 0 ? answer->room : ROOM_FIRST;
        char *larger;

        while (room < answer->size + size + 1)
            room *= 2;
        larger = realloc(answer->text, room);
        if (larger == NULL)
            return -1;
        answer->text = larger;
        answer->room = room;
    }
    memcpy(answer->text + answer->size, text, size);
    answer->size += size;
    answer->text[answer->size] = '\0';
    return 0;
}
