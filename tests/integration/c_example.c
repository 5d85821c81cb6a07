/* SPDX-License-Identifier: Apache-2.0
 *
 * Integrating from C: prints the organizations of Japan.
 * cc c_example.c $(pkg-config --cflags --libs jinzai) &&
 * JINZAI_CONNECT=unix:/run/jinzai/jinzai.sock ./a.out
 */
#include <stdio.h>
#include <stdlib.h>

#include <jinzai.h>

int
main(void)
{
    struct jinzai_error error;
    struct jinzai *conn = jinzai_open(getenv("JINZAI_CONNECT"), 5000, &error);
    json_t *params = json_pack("{s:s, s:s}", "country", "JP", "lang", "en"), *result = NULL, *item;
    size_t index;
    int rc =
        conn != NULL ? jinzai_call(conn, "organization.list", params, 5000, &result, &error) : -1;

    if (rc != 0)
        fprintf(stderr, "%s: %s\n", error.name, error.message);
    json_array_foreach(json_object_get(result, "items"), index, item)
        printf("%s\n", json_string_value(json_object_get(item, "name")));
    json_decref(result);
    json_decref(params);
    jinzai_close(conn);
    return rc == 0 ? 0 : 1;
}
