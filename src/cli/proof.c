/* proof: the consent packet of a number, from a gateway or from its database. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/database.h"
#include "cli/options.h"
#include "cli/packet.h"
#include "consent/number.h"
#include "consent/proof.h"

#define MOST 100000 /* records, texts and replies each: beyond it a packet is no help to anybody */

struct proof_options {
    const char *db, *config, *url, *key, *output;
    bool is_json, is_html;
};

static json_t *packet_of_database(const char *text, const struct proof_options *options, int *result)
{
    struct proof_order order = {.most = MOST, .now_ms = clock_wall_ms()};
    enum number_fault fault = number_read(octets_text(text), "US", &order.number);
    if (fault != NUMBER_OK) {
        *result = cli_usage("proof", "'%s' is no phone number: %s", text, number_fault_text(fault));
        return NULL;
    }
    *result = CLI_FAILED;
    struct store *store = database_open("proof", options->db, options->config);
    if (store == NULL)
        return NULL;
    json_t *packet = proof_make(store, &order);
    if (packet == NULL)
        cli_fail("proof", "the database can't be read: %s", store_fault(store));
    store_close(store);
    return packet;
}

static json_t *packet_of_gateway(const char *number, const struct proof_options *options, int *result)
{
    char why[CLIENT_ERROR_SIZE];
    json_t *packet = NULL;
    *result = CLI_USAGE;
    struct client *client = client_open_for("proof", options->url, options->key);
    if (client == NULL)
        return NULL;
    char *path = client_path_of("/v1/consents/", number, "/proof");
    struct answer answer = client_ask(client, "GET", path, NULL);
    free(path);
    if (answer_is_good(&answer)) {
        packet = json_incref(answer.body);
    } else {
        answer_explain(&answer, why);
        *result = cli_fail("proof", "%s", why);
    }
    answer_wipe(&answer);
    client_close(client);
    return packet;
}

static int write_packet(const json_t *packet, const struct proof_options *options)
{
    FILE *out = options->output == NULL ? stdout : fopen(options->output, "w");
    if (out == NULL)
        return cli_fail("proof", "%s: %s", options->output, strerror(errno));
    bool is_good = true;
    if (options->is_json)
        is_good = json_dumpf(packet, out, JSON_COMPACT) == 0 && putc('\n', out) != EOF;
    else
        proof_write_html(packet, out);
    is_good = is_good && fflush(out) == 0 && ferror(out) == 0;
    if (out != stdout && fclose(out) != 0)
        is_good = false;
    return is_good ? CLI_DONE : cli_fail("proof", "the packet can't be written");
}

int cli_proof(int argc, char **argv)
{
    struct proof_options options = {0};
    const struct option_row rows[] = {
        {"--db", OPTION_TEXT, &options.db},         {"-c", OPTION_TEXT, &options.config},
        {"--url", OPTION_TEXT, &options.url},       {"--key", OPTION_TEXT, &options.key},
        {"--output", OPTION_TEXT, &options.output}, {"--ca", OPTION_TEXT, &client_ca},
        {"--json", OPTION_FLAG, &options.is_json},  {"--html", OPTION_FLAG, &options.is_html},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int result, others = options_read(argc, argv, rows, error);
    if (others != 1)
        return cli_usage("proof", "%s", others < 0 ? error : "whose number?");
    if (options.is_json && options.is_html)
        return cli_usage("proof", "either --json or --html");
    bool is_offline = options.db != NULL || options.config != NULL;
    json_t *packet = is_offline ? packet_of_database(argv[1], &options, &result)
                                : packet_of_gateway(argv[1], &options, &result);
    if (packet == NULL)
        return result;
    result = write_packet(packet, &options);
    json_decref(packet);
    return result;
}

/* A packet begins with its format, whoever indents it; an export with a sequence. */
json_t *packet_read(FILE *file)
{
    char begin[80] = "";
    size_t length = fread(begin, 1, sizeof begin - 1, file);
    begin[length] = '\0';
    if (fseek(file, 0, SEEK_SET) != 0 || strstr(begin, "\"" PROOF_FORMAT "\"") == NULL)
        return NULL;
    json_t *packet = json_loadf(file, 0, NULL);
    if (packet == NULL)
        must(fseek(file, 0, SEEK_SET) == 0);
    return packet;
}
