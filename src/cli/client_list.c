/* A list of the API, read page by page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/client.h"

#define PAGE 200

/* `*after` is the cursor of this page, and then of the next one; NULL: there is none. */
static bool page_take(struct client *client, const char *path, size_t most, json_t *all,
                      char **after, char *error)
{
    char limit[24];
    snprintf(limit, sizeof limit, "%zu", most);
    char *page_path = client_path(path, "limit", limit, "after", *after, NULL);
    struct answer answer = client_ask(client, "GET", page_path, NULL);
    free(page_path);
    json_t *items = json_object_get(answer.body, "items");
    bool is_good = answer_is_good(&answer) && json_is_array(items);
    const char *next = json_string_value(json_object_get(answer.body, "after"));
    /* A page may be empty and not the last; one that leads to itself would never end. */
    bool is_last = next == NULL || (*after != NULL && strcmp(next, *after) == 0);
    free(*after);
    *after = is_good && !is_last ? mem_text(next) : NULL;
    if (is_good)
        json_array_extend(all, items);
    else
        answer_explain(&answer, error);
    answer_wipe(&answer);
    return is_good;
}

json_t *client_list(struct client *client, const char *path, size_t limit,
                    char error[CLIENT_ERROR_SIZE])
{
    json_t *all = json_array();
    char *after = NULL;
    bool is_good, is_full;
    do {
        size_t wanted = limit == 0 ? PAGE : limit - json_array_size(all);
        is_good = page_take(client, path, wanted < PAGE ? wanted : PAGE, all, &after, error);
        is_full = limit > 0 && json_array_size(all) >= limit;
    } while (after != NULL && !is_full);
    free(after);
    while (limit > 0 && json_array_size(all) > limit)
        json_array_remove(all, json_array_size(all) - 1);
    if (is_good)
        return all;
    json_decref(all);
    return NULL;
}
