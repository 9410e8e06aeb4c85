/* assent pdu: traces as hex on stdin, each PDU as one line of JSON on stdout. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "base/octets.h"
#include "cli/cli.h"
#include "smpp/pdu.h"

static void print_error(const char *error)
{
    json_t *json = json_pack("{s:s}", "error", error);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    must(text != NULL);
    puts(text);
    free(text);
    json_decref(json);
}

static bool print_pdu(struct octets frame)
{
    struct pdu pdu;
    enum pdu_result result = pdu_decode(frame, &pdu);
    if (result != PDU_OK) {
        char error[160];
        pdu_explain(&pdu, result, error, sizeof error);
        print_error(error);
        return false;
    }
    char *text = pdu_to_json(&pdu, PDU_FOR_OPERATOR);
    puts(text);
    free(text);
    return true;
}

/* PDUs back to back. After a length that can't be there is no way to find the next one (F6). */
static bool print_pdus(struct octets rest)
{
    bool are_good = true;
    while (rest.length > 0) {
        char error[120];
        if (rest.length < PDU_HEADER_SIZE) {
            snprintf(error, sizeof error, "truncated: %zu octets, a header has 16", rest.length);
            print_error(error);
            return false;
        }
        uint32_t length = pdu_u32(rest.at);
        if (length < PDU_HEADER_SIZE || length > rest.length) {
            snprintf(error, sizeof error, "command_length at octet 0 is %u, %zu octets are here",
                     (unsigned)length, rest.length);
            print_error(error);
            return false;
        }
        are_good = print_pdu(octets_of(rest.at, length)) && are_good;
        rest = octets_of(rest.at + length, rest.length - length);
    }
    return are_good;
}

/* Takes blanks and each 0x out of the line, in place; gives what is left. */
static size_t keep_digits(char *line, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_blank = strchr(" \t\r\n", line[i]) != NULL && line[i] != '\0';
        bool is_prefix = line[i] == '0' && i + 1 < length && (line[i + 1] | 0x20) == 'x';
        if (is_prefix)
            i++;
        else if (!is_blank)
            line[used++] = line[i];
    }
    return used;
}

static bool print_line(char *line, size_t length)
{
    size_t digits = keep_digits(line, length);
    if (digits == 0)
        return true;
    uint8_t *octets = mem_new(digits / 2 + 1);
    bool is_good = octets_from_hex(octets_of(line, digits), octets);
    if (is_good)
        is_good = print_pdus(octets_of(octets, digits / 2));
    else
        print_error("not hexadecimal, or half an octet");
    free(octets);
    return is_good;
}

int cli_pdu(int argc, char **argv)
{
    if (argc > 1)
        return cli_usage("pdu", "takes no arguments, reads stdin: %s", argv[1]);
    bool are_good = true;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, stdin)) >= 0)
        are_good = print_line(line, (size_t)length) && are_good;
    free(line);
    return are_good && fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}
