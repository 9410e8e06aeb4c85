/* assent classify: inbound texts on stdin, one a line; for each what it asks for, and why. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "consent/keyword.h"

/* JSON holds Unicode only: octets that aren't UTF-8 become U+FFFD. */
static json_t *json_text(struct octets text)
{
    json_t *whole = json_stringn((const char *)text.at, text.length);
    if (whole != NULL)
        return whole;
    char *mended = mem_new(3 * text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool is_ascii = text.at[i] < 0x80;
        memcpy(mended + length, is_ascii ? (const void *)&text.at[i] : "\xef\xbf\xbd",
               is_ascii ? 1 : 3);
        length += is_ascii ? 1 : 3;
    }
    whole = json_stringn(mended, length);
    free(mended);
    return whole;
}

static void json_print(const struct keyword *keyword, struct octets text)
{
    json_t *object = json_object();
    must(object != NULL);
    json_object_set_new(object, "verdict", json_string(keyword_verdict_name(keyword->verdict)));
    json_object_set_new(object, "rule", json_string(keyword->rule));
    json_object_set_new(object, "lists", json_string(KEYWORD_LISTS_VERSION));
    json_object_set_new(object, "language", json_string(keyword->language));
    json_object_set_new(object, "text", json_text(text));
    must(json_dumpf(object, stdout, JSON_COMPACT) == 0 || ferror(stdout));
    putchar('\n');
    json_decref(object);
}

static void line_print(const struct keyword *keyword, struct octets text)
{
    printf("%s\t%s\t", keyword_verdict_name(keyword->verdict), keyword->rule);
    fwrite(text.at, 1, text.length, stdout);
    putchar('\n');
}

static int lines_classify(bool as_json)
{
    char *line = NULL;
    size_t size = 0;
    for (ssize_t got; (got = getline(&line, &size, stdin)) >= 0;) {
        size_t length = (size_t)got;
        if (length > 0 && line[length - 1] == '\n')
            length--;
        if (length > 0 && line[length - 1] == '\r')
            length--;
        struct octets text = octets_of(line, length);
        struct keyword keyword = keyword_classify(text);
        if (as_json)
            json_print(&keyword, text);
        else
            line_print(&keyword, text);
        if (fflush(stdout) != 0)
            break;
    }
    free(line);
    if (!ferror(stdin) && !ferror(stdout))
        return CLI_DONE;
    return cli_fail("classify", "%s", strerror(errno));
}

static int lists_print(void)
{
    char digest[DIGEST_HEX_SIZE];
    keyword_lists_digest(digest);
    printf("%s\t%s\n", KEYWORD_LISTS_VERSION, digest);
    return CLI_DONE;
}

int cli_classify(int argc, char **argv)
{
    bool as_json = false, is_lists = false;
    const struct option_row rows[] = {
        {"--json", OPTION_FLAG, &as_json},
        {"--lists", OPTION_FLAG, &is_lists},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int rest = options_read(argc, argv, rows, error);
    if (rest < 0)
        return cli_usage("classify", "%s", error);
    if (rest > 0)
        return cli_usage("classify", "the texts come on stdin, one a line");
    return is_lists ? lists_print() : lines_classify(as_json);
}
