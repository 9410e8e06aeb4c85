/* ledger: is the chain whole, and the chain as a file. The checking itself is
 * consent/ledger_verify.h's: it needs no gateway. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/sign.h"
#include "cli/cli.h"
#include "cli/database.h"
#include "cli/options.h"
#include "cli/packet.h"
#include "consent/ledger_verify.h"
#include "consent/proof.h"

struct ledger_options {
    bool is_packet; /* what --file names is a consent packet */
    const char *db, *config, *file, *head, *public_key;
};

/* A packet as a page is taken for a broken one, else. */
static bool is_page(FILE *file)
{
    int first = getc(file);
    ungetc(first, file);
    return first == '<';
}

static bool check_stream(struct ledger_options *options, FILE *file, const struct ledger_known *known,
                         struct ledger_check *check)
{
    if (is_page(file)) {
        snprintf(check->why, sizeof check->why, "%.100s is a page, for people to read: what can be checked is a packet as JSON, or an export",
                 options->file);
        return false;
    }
    json_t *packet = file == stdin ? NULL : packet_read(file);
    options->is_packet = packet != NULL;
    bool is_read = packet != NULL ? proof_verify(packet, known, check)
                                  : ledger_verify_export(file, known, check);
    json_decref(packet);
    return is_read;
}

static bool check_file(struct ledger_options *options, const struct ledger_known *known,
                       struct ledger_check *check)
{
    FILE *file = strcmp(options->file, "-") == 0 ? stdin : fopen(options->file, "r");
    if (file == NULL) {
        snprintf(check->why, sizeof check->why, "%.100s: %s", options->file, strerror(errno));
        return false;
    }
    bool is_read = check_stream(options, file, known, check);
    if (file != stdin)
        fclose(file);
    return is_read;
}

/* A packet says its head; what it is of is found in the ledger by its hash. */
static int say_packet(const struct ledger_check *check)
{
    if (!check->is_whole) {
        printf("packet is broken at record %" PRId64 ": %s\n", check->bad_seq, check->why);
        return CLI_FAILED;
    }
    printf("packet is whole: %" PRId64 " records, texts as they were sealed: %" PRId64 ", head %s\n",
           check->records, check->sealed, check->head_hash);
    if (check->signed_seq > 0)
        printf("signed: record %" PRId64 ", at %s\n", check->signed_seq, check->signed_at);
    return CLI_DONE;
}

static int say_check(const struct ledger_check *check)
{
    if (check->is_whole) {
        printf("ledger is whole: %" PRId64 " records, head %" PRId64 ":%s\n", check->records,
               check->records, check->head_hash);
        if (check->signed_seq > 0)
            printf("signed up to record %" PRId64 ", at %s; records after it: %" PRId64 "\n",
                   check->signed_seq, check->signed_at, check->records - check->signed_seq);
        if (check->sealed > 0)
            printf("messages are as they were sealed: %" PRId64 "\n", check->sealed);
        return CLI_DONE;
    }
    printf("ledger is broken at record %" PRId64 ": %s\n", check->bad_seq, check->why);
    return CLI_FAILED;
}

static int verify(struct ledger_options *options)
{
    struct ledger_check check = {0};
    struct ledger_known known = {.head = options->head};
    uint8_t key[SIGN_PUBLIC_SIZE];
    char why[SIGN_WHY_SIZE];
    if (options->file != NULL && (options->db != NULL || options->config != NULL))
        return cli_usage("ledger", "either --file or a database");
    if (options->public_key != NULL && !sign_public_read(options->public_key, key, why))
        return cli_usage("ledger", "--public-key: %s %s", options->public_key, why);
    known.public_key = options->public_key == NULL ? NULL : key;
    if (options->file != NULL) {
        if (!check_file(options, &known, &check))
            return cli_fail("ledger", "can't verify: %s", check.why);
        return options->is_packet ? say_packet(&check) : say_check(&check);
    }
    struct store *store = database_open("ledger", options->db, options->config);
    if (store == NULL)
        return CLI_FAILED;
    bool is_read = ledger_verify_store(store, &known, &check);
    store_close(store);
    return is_read ? say_check(&check) : cli_fail("ledger", "can't verify: %s", check.why);
}

static int export(const struct ledger_options *options)
{
    if (options->file != NULL || options->head != NULL || options->public_key != NULL)
        return cli_usage("ledger", "--file, --head and --public-key are for verify");
    struct store *store = database_open("ledger", options->db, options->config);
    if (store == NULL)
        return CLI_FAILED;
    bool is_good = ledger_export(store, stdout);
    int result = is_good ? CLI_DONE
                         : cli_fail("ledger", "the export is not whole: reading or writing failed");
    store_close(store);
    return result;
}

int cli_ledger(int argc, char **argv)
{
    struct ledger_options options = {0};
    const struct option_row rows[] = {
        {"--db", OPTION_TEXT, &options.db},
        {"-c", OPTION_TEXT, &options.config},
        {"--file", OPTION_TEXT, &options.file},
        {"--head", OPTION_TEXT, &options.head},
        {"--public-key", OPTION_TEXT, &options.public_key},
        {NULL, OPTION_END, NULL},
    };
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others < 0)
        return cli_usage("ledger", "%s", error);
    if (others == 1 && strcmp(argv[1], "verify") == 0)
        return verify(&options);
    if (others == 1 && strcmp(argv[1], "export") == 0)
        return export(&options);
    return cli_usage("ledger", "verify or export?");
}
