/* The parts of the command line that need no gateway. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/client.h"
#include "base/merge.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/tally.h"

/* ---- fields in a text ---- */

static const char *const names[] = {"first_name", "phone", "city"};
static const char *const values[] = {"Zoë", "+14155550123", ""};

static void ck_merge(const char *text, const char *expected)
{
    char error[MERGE_ERROR_SIZE] = "";
    struct merge *merge = merge_new(text, names, 3, error);
    ck_assert_msg(merge != NULL, "%s", error);
    char *filled = merge_fill(merge, values);
    ck_assert_str_eq(filled, expected);
    free(filled);
    merge_free(merge);
}

START_TEST(a_field_is_replaced_by_the_value_of_its_column)
{
    ck_merge("Hi {first_name}, is {phone} yours?", "Hi Zoë, is +14155550123 yours?");
    ck_merge("{first_name}{first_name}", "ZoëZoë");
    ck_merge("[{city}]", "[]");
    ck_merge("{First_Name}", "Zoë");
    ck_merge("", "");
}
END_TEST

START_TEST(a_doubled_brace_is_a_brace_and_a_lone_closing_one_stands_for_itself)
{
    ck_merge("{{first_name}", "{first_name}");
    ck_merge("a } b {{ c", "a } b { c");
    ck_merge("{{{phone}", "{+14155550123");
}
END_TEST

START_TEST(a_field_without_a_column_is_an_error_that_names_it_and_the_columns)
{
    char error[MERGE_ERROR_SIZE];
    ck_assert_ptr_null(merge_new("Hi {name}", names, 3, error));
    ck_assert_ptr_nonnull(strstr(error, "{name}"));
    ck_assert_ptr_nonnull(strstr(error, "first_name, phone, city"));
    ck_assert_ptr_null(merge_new("{}", names, 3, error));
    ck_assert_ptr_null(merge_new("{first}", names, 3, error));
}
END_TEST

START_TEST(a_brace_that_is_never_closed_is_an_error)
{
    char error[MERGE_ERROR_SIZE];
    ck_assert_ptr_null(merge_new("Hi {first_name", names, 3, error));
    ck_assert_ptr_null(merge_new("Hi {first_{name}", names, 3, error));
    ck_assert_ptr_null(merge_new("{", names, 3, error));
}
END_TEST

START_TEST(a_long_list_of_columns_is_cut_and_not_written_past_its_room)
{
    char error[MERGE_ERROR_SIZE + 1];
    const char *many[100];
    for (size_t i = 0; i < 100; i++)
        many[i] = "a_column_with_a_rather_long_name";
    error[MERGE_ERROR_SIZE] = '#';
    ck_assert_ptr_null(merge_new("{x}", many, 100, error));
    ck_assert_int_eq(error[MERGE_ERROR_SIZE], '#');
    ck_assert_uint_lt(strlen(error), MERGE_ERROR_SIZE);
}
END_TEST

/* ---- arguments ---- */

static struct {
    bool is_dry;
    const char *to, *config, *once;
    int64_t limit;
    enum option_answer answer;
} read;

static char error[OPTIONS_ERROR_SIZE];
static char *words[12]; /* what options_read has left */

/* Reads a line of words, parted by blanks. */
static int read_words(const char *line)
{
    static char copy[200];
    const struct option_row rows[] = {
        {"--dry-run", OPTION_FLAG, &read.is_dry},    {"--to", OPTION_TEXT, &read.to},
        {"-c", OPTION_TEXT, &read.config},           {"--limit", OPTION_COUNT, &read.limit},
        {"--opted-in", OPTION_YES_NO, &read.answer}, {"--once", OPTION_ONCE, &read.once},
        {NULL, OPTION_END, NULL},
    };
    int count = 0;
    memset(&read, 0, sizeof read);
    snprintf(copy, sizeof copy, "command %s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        words[count++] = word;
    return options_read(count, words, rows, error);
}

START_TEST(options_are_read_wherever_they_stand)
{
    ck_assert_int_eq(read_words("import --to 1 leads.csv --limit=20 -c x.conf --dry-run"), 2);
    ck_assert_str_eq(words[1], "import");
    ck_assert_str_eq(words[2], "leads.csv");
    ck_assert_str_eq(read.to, "1");
    ck_assert_str_eq(read.config, "x.conf");
    ck_assert_int_eq(read.limit, 20);
    ck_assert(read.is_dry);
}
END_TEST

START_TEST(behind_two_hyphens_nothing_is_an_option)
{
    ck_assert_int_eq(read_words("--to 1 -- --dry-run -"), 2);
    ck_assert_str_eq(words[1], "--dry-run");
    ck_assert_str_eq(words[2], "-");
    ck_assert(!read.is_dry);
}
END_TEST

START_TEST(a_lone_hyphen_is_no_option_and_a_value_may_begin_with_one)
{
    ck_assert_int_eq(read_words("-"), 1);
    ck_assert_int_eq(read_words("--to -5"), 0);
    ck_assert_str_eq(read.to, "-5");
}
END_TEST

START_TEST(an_option_that_is_none_or_lacks_its_value_is_an_error_that_names_it)
{
    ck_assert_int_eq(read_words("--dry"), -1);
    ck_assert_ptr_nonnull(strstr(error, "--dry"));
    ck_assert_int_eq(read_words("--to"), -1);
    ck_assert_ptr_nonnull(strstr(error, "--to"));
    ck_assert_int_eq(read_words("--dry-run=yes"), -1);
    ck_assert_int_eq(read_words("--limit many"), -1);
    ck_assert_int_eq(read_words("--limit -1"), -1);
    ck_assert_int_eq(read_words("--limit 99999999999999999999"), -1);
    ck_assert_int_eq(read_words("--limit="), -1);
}
END_TEST

START_TEST(of_two_values_the_last_counts_unless_they_would_be_taken_for_a_list)
{
    ck_assert_int_eq(read_words("--to 1 --to 2 --once 3"), 0);
    ck_assert_str_eq(read.to, "2");
    ck_assert_str_eq(read.once, "3");
    ck_assert_int_eq(read_words("--once 3 --to 1 --once=4"), -1);
    ck_assert_str_eq(error, "--once is given twice, and takes one value");
}
END_TEST

START_TEST(a_name_may_be_written_with_underscores_as_in_the_api)
{
    ck_assert_int_eq(read_words("--dry_run --opted_in no"), 0);
    ck_assert(read.is_dry);
    ck_assert_int_eq(read.answer, OPTION_NO);
}
END_TEST

START_TEST(a_tick_box_is_yes_or_no_and_unsaid_is_neither)
{
    read_words("--to 1");
    ck_assert_int_eq(read.answer, OPTION_UNSAID);
    read_words("--opted-in");
    ck_assert_int_eq(read.answer, OPTION_YES);
    ck_assert_int_eq(read_words("--opted-in 4155550123"), 1);
    ck_assert_int_eq(read.answer, OPTION_YES);
    read_words("--opted-in=FALSE");
    ck_assert_int_eq(read.answer, OPTION_NO);
    ck_assert_int_eq(read_words("--opted-in=perhaps"), -1);
    ck_assert_int_eq(option_answer_read("Y"), OPTION_YES);
    ck_assert_int_eq(option_answer_read("0"), OPTION_NO);
    ck_assert_int_eq(option_answer_read(""), OPTION_UNSAID);
    ck_assert_int_eq(option_answer_read("yes "), OPTION_UNSAID);
}
END_TEST

/* ---- tables ---- */

static const struct column columns[] = {
    {"NAME", "name"}, {"WHY", "why"}, {"N", "in.n"}, {NULL, NULL}};

static char *printed_by(const char *json, const struct column *of, enum table_form form,
                        size_t width)
{
    char *text = NULL;
    size_t size;
    json_t *items = json_loads(json, 0, NULL);
    ck_assert_ptr_nonnull(items);
    FILE *out = open_memstream(&text, &size);
    table_print(out, items, of, form, width);
    fclose(out);
    json_decref(items);
    return text;
}

static char *printed(const char *json, enum table_form form, size_t width)
{
    return printed_by(json, columns, form, width);
}

static void ck_table(const char *json, enum table_form form, size_t width, const char *expected)
{
    char *text = printed(json, form, width);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(columns_are_as_wide_as_they_need_and_lines_end_without_blanks)
{
    ck_table("[{\"name\":\"Ana\",\"why\":\"no consent\",\"in\":{\"n\":7}},"
             "{\"name\":\"Zoë\",\"why\":null},{\"why\":\"x\"}]",
             TABLE_TEXT, 0,
             "NAME  WHY         N\n"
             "Ana   no consent  7\n"
             "Zoë\n"
             "      x\n");
}
END_TEST

START_TEST(a_table_fits_the_terminal_by_cutting_its_widest_column)
{
    ck_table("[{\"name\":\"Ana\",\"why\":\"left the box unticked on 3 Nov\",\"in\":{\"n\":7}}]",
             TABLE_TEXT, 24,
             "NAME  WHY              N\n"
             "Ana   left the box u…  7\n");
}
END_TEST

START_TEST(without_a_terminal_nothing_is_cut)
{
    char *text =
        printed("[{\"name\":\"Ana\",\"why\":\"left the box unticked on 3 Nov\"}]", TABLE_TEXT, 0);
    ck_assert_ptr_nonnull(strstr(text, "left the box unticked on 3 Nov"));
    free(text);
}
END_TEST

START_TEST(a_terminal_too_narrow_for_a_table_gets_a_line_a_value)
{
    ck_table("[{\"name\":\"Ana\",\"why\":\"left the box unticked on 3 Nov\",\"in\":{\"n\":7}},"
             "{\"name\":\"Zoë\"}]",
             TABLE_TEXT, 20,
             "NAME  Ana\n"
             "WHY   left the box …\n"
             "N     7\n"
             "\n"
             "NAME  Zoë\n");
    free(printed("[{\"name\":\"Anastasia\",\"why\":\"because of that\"}]", TABLE_TEXT, 1));
}
END_TEST

START_TEST(what_another_command_is_to_be_given_is_never_cut)
{
    static const struct column with_id[] = {
        {"ID", "id"}, {"WHY", "why"}, {NULL, NULL}};
    static const size_t widths[] = {44, 20};
    for (size_t i = 0; i < 2; i++) {
        char *text = printed_by("[{\"id\":\"0190a000-1111-7000-8000-abcdefabcdef\","
                                "\"why\":\"left the box unticked\"}]",
                                with_id, TABLE_TEXT, widths[i]);
        ck_assert_ptr_nonnull(strstr(text, "0190a000-1111-7000-8000-abcdefabcdef"));
        free(text);
    }
}
END_TEST

START_TEST(a_wide_character_counts_as_two_columns)
{
    ck_assert_uint_eq(table_text_width("漢字"), 4);
    ck_assert_uint_eq(table_text_width("Zoë"), 3);
    ck_assert_uint_eq(table_text_width("e\xCC\x81"), 1); /* an e and its combining accent */
}
END_TEST

START_TEST(a_foreign_text_can_not_steer_the_terminal)
{
    char *safe = table_safe("a\x1B[2J\r\n\xC2\x9B\xE2\x80\xAE"
                            "b\xFF");
    ck_assert_str_eq(safe, "a\\x1B[2J\\x0D\\x0A\\xC2\\x9B\\xE2\\x80\\xAE"
                           "b\\xFF");
    free(safe);
    char *text = printed("[{\"name\":\"\\u001b[31m\"}]", TABLE_TEXT, 0);
    ck_assert_ptr_null(strchr(text, 0x1B));
    free(text);
}
END_TEST

START_TEST(json_is_one_array_of_what_came)
{
    ck_table("[]", TABLE_JSON, 20, "[]\n");
    ck_table("[{\"name\":\"Ana\",\"more\":[1]},{\"why\":null}]", TABLE_JSON, 20,
             "[\n{\"name\":\"Ana\",\"more\":[1]},\n{\"why\":null}\n]\n");
}
END_TEST

START_TEST(csv_quotes_what_needs_it)
{
    ck_table("[{\"name\":\"a,b\",\"why\":\"say \\\"no\\\"\",\"in\":{\"n\":[\"x\",\"y\"]}},"
             "{\"name\":true,\"why\":1.5}]",
             TABLE_CSV, 10, "name,why,in.n\n\"a,b\",\"say \"\"no\"\"\",\"x,y\"\nyes,1.5,\n");
}
END_TEST

/* ---- counts and bars ---- */

START_TEST(a_tally_is_told_with_the_most_first)
{
    char *text = NULL;
    size_t size;
    struct tally tally = {0};
    tally_add(&tally, "opted_out");
    tally_add(&tally, "no_consent");
    tally_add(&tally, "suppressed");
    tally_add(&tally, "no_consent");
    FILE *out = open_memstream(&text, &size);
    tally_print(&tally, out);
    fclose(out);
    ck_assert_str_eq(text, "no_consent 2, opted_out 1, suppressed 1");
    ck_assert_int_eq(tally.total, 4);
    ck_assert_int_eq(tally_count(&tally, "none"), 0);
    free(text);
    tally_wipe(&tally);
}
END_TEST

static void ck_bar(size_t width, int64_t done, int64_t total, double rate, const char *note,
                   const char *expected)
{
    char line[PROGRESS_LINE + 1];
    progress_write(line, width, done, total, rate, note);
    ck_assert_str_eq(line, expected);
    ck_assert_uint_le(strlen(line), width);
}

START_TEST(a_bar_shows_counts_rate_and_time_left_and_is_never_more_than_full)
{
    ck_bar(100, 100, 400, 50, "3 refused", "[======                  ]  100/400  50/s  0:06 left  3 refused");
    ck_bar(100, 500, 400, 500, "", "[========================]  500/400  500/s");
    ck_bar(100, 7, 0, 0, "", "7  0/s");
    ck_bar(100, 1, 1000000, 100, "", "[                        ]  1/1000000  100/s  2:46:40 left");
    ck_bar(100, 1, 1000000, 0.5, "", "[                        ]  1/1000000  0/s");
}
END_TEST

START_TEST(a_bar_fits_a_narrow_terminal)
{
    ck_bar(40, 50, 100, 10, "", "[======       ]  50/100  10/s  0:05 left");
    ck_bar(28, 50, 100, 10, "", "50/100  10/s  0:05 left");
    ck_bar(10, 50, 100, 10, "3 refused", "50/100  10");
}
END_TEST

START_TEST(a_slip_of_the_fingers_finds_the_command_that_was_meant)
{
    ck_assert_str_eq(command_nearest("hepl")->name, "help");
    ck_assert_str_eq(command_nearest("snd")->name, "send");
    ck_assert_str_eq(command_nearest("leger")->name, "ledger");
    ck_assert_ptr_null(command_nearest("telephone"));
    ck_assert_ptr_null(command_nearest("x"));
    ck_assert_ptr_null(command_nearest(""));
    ck_assert_ptr_null(command_nearest("a-name-that-is-longer-than-any-command-can-be"));
}
END_TEST

START_TEST(every_command_says_how_it_is_used)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        char usage[60];
        snprintf(usage, sizeof usage, "usage: assent %s", command->name);
        ck_assert_ptr_eq(command_find(command->name), command);
        ck_assert_str_ne(command->summary, "");
        ck_assert(command->run != NULL);
        ck_assert_int_eq(strncmp(command->help, usage, strlen(usage)), 0);
    }
}
END_TEST

static void ck_octets(struct octets octets, const char *expected)
{
    ck_assert_uint_eq(octets.length, strlen(expected));
    if (octets.length > 0)
        ck_assert_mem_eq(octets.at, expected, octets.length);
}

START_TEST(a_help_text_is_read_as_usage_items_and_examples)
{
    static const struct {
        enum help_part part;
        const char *label, *text;
    } expected[] = {
        {HELP_USAGE, "", "assent x [--csv FILE]"}, {HELP_USAGE, "", "assent x list"},
        {HELP_BLANK, "", ""},                      {HELP_TEXT, "", "One thing."},
        {HELP_ITEM, "list", "what there is"},      {HELP_MORE, "", "and more"},
        {HELP_ITEM, "--csv FILE", "rows"},         {HELP_ITEM, "--a, --b B", ""},
        {HELP_MORE, "", "both"},                   {HELP_BLANK, "", ""},
        {HELP_EXAMPLE, "", "assent x \\"},         {HELP_EXAMPLE, "", "    --csv f"},
    };
    struct help_reader reader;
    struct help_line line;
    help_begin(&reader, "usage: assent x [--csv FILE]\n       assent x list\n\nOne thing.\n"
                        "list    what there is\n        and more\n  --csv FILE        rows\n"
                        "  --a, --b B\n                    both\n\nExamples:\n  assent x \\\n"
                        "      --csv f\n");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        ck_assert(help_next(&reader, &line));
        ck_assert_int_eq(line.part, expected[i].part);
        ck_octets(line.label, expected[i].label);
        ck_octets(line.text, expected[i].text);
    }
    ck_assert(!help_next(&reader, &line));
}
END_TEST

START_TEST(each_command_of_the_contract_is_known)
{
    static const char *const all[] = {
        "serve",    "check-config", "demo",    "sim",           "send",   "consent",  "review",
        "suppress", "program",      "proof",   "blocks",        "ledger", "classify", "pdu",
        "account",  "status",       "carrier", "queue",         "route",  "bench",    "campaign",
        "message",  "inbound",      "webhook", "import-kannel", "backup", "restore",  "audit",
        "help"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ck_assert_msg(command_find(all[i]) != NULL, "%s", all[i]);
    ck_assert_uint_eq(command_count, sizeof all / sizeof all[0]);
}
END_TEST

/* ---- what is asked of a gateway, and what it answers ---- */

START_TEST(what_people_type_is_escaped_in_an_address)
{
    char *path = client_path_of("/v1/consents/", "(415) 555-0123/../x?y", "/revoke");
    ck_assert_str_eq(path, "/v1/consents/%28415%29%20555-0123%2F..%2Fx%3Fy/revoke");
    free(path);
    path = client_path("/v1/blocks", "number", "+1&x=2", "program", (const char *)NULL, "since",
                       "2026-11-23T00:00:00.000Z", NULL);
    ck_assert_str_eq(path, "/v1/blocks?number=%2B1%26x%3D2&since=2026-11-23T00%3A00%3A00.000Z");
    free(path);
}
END_TEST

static void ck_explained(int status, const char *body, const char *expected)
{
    char line[CLIENT_ERROR_SIZE];
    struct answer answer = {.status = status, .body = json_loads(body, 0, NULL)};
    answer_explain(&answer, line);
    ck_assert_str_eq(line, expected);
    answer_wipe(&answer);
}

START_TEST(a_problem_becomes_one_line)
{
    ck_explained(
        403, "{\"code\":\"opted_out\",\"title\":\"The person opted out\",\"detail\":\"on 3 Nov\"}",
        "The person opted out (opted_out): on 3 Nov");
    ck_explained(401, "{\"code\":\"unauthorized\",\"title\":\"No valid API key\"}",
                 "No valid API key (unauthorized); give a key with --key or ASSENT_API_KEY");
    ck_explained(502, "no json",
                 "what answers there is no gateway, or one in trouble: HTTP status 502");
}
END_TEST

START_TEST(a_key_or_an_address_that_could_smuggle_a_header_is_refused)
{
    char why[CLIENT_ERROR_SIZE];
    ck_assert_ptr_null(client_open("http://127.0.0.1:1", "key\r\nX: y", why));
    ck_assert_ptr_null(client_open("http://127.0.0.1:1/ HTTP/1.1\r\nX: y", "key", why));
    ck_assert_ptr_null(client_open("file:///etc/passwd", "key", why));
    struct client *client = client_open("http://127.0.0.1:1///", "key", why);
    ck_assert_str_eq(client_url(client), "http://127.0.0.1:1");
    client_close(client);
}
END_TEST

static Suite *suite_new(void)
{
    const TTest *const tests[] = {
        a_field_is_replaced_by_the_value_of_its_column,
        a_doubled_brace_is_a_brace_and_a_lone_closing_one_stands_for_itself,
        a_field_without_a_column_is_an_error_that_names_it_and_the_columns,
        a_brace_that_is_never_closed_is_an_error,
        a_long_list_of_columns_is_cut_and_not_written_past_its_room,
        options_are_read_wherever_they_stand,
        behind_two_hyphens_nothing_is_an_option,
        a_lone_hyphen_is_no_option_and_a_value_may_begin_with_one,
        an_option_that_is_none_or_lacks_its_value_is_an_error_that_names_it,
        of_two_values_the_last_counts_unless_they_would_be_taken_for_a_list,
        a_name_may_be_written_with_underscores_as_in_the_api,
        a_tick_box_is_yes_or_no_and_unsaid_is_neither,
        columns_are_as_wide_as_they_need_and_lines_end_without_blanks,
        a_table_fits_the_terminal_by_cutting_its_widest_column,
        without_a_terminal_nothing_is_cut,
        a_terminal_too_narrow_for_a_table_gets_a_line_a_value,
        what_another_command_is_to_be_given_is_never_cut,
        a_wide_character_counts_as_two_columns,
        a_foreign_text_can_not_steer_the_terminal,
        json_is_one_array_of_what_came,
        csv_quotes_what_needs_it,
        a_tally_is_told_with_the_most_first,
        a_bar_shows_counts_rate_and_time_left_and_is_never_more_than_full,
        a_bar_fits_a_narrow_terminal,
        a_slip_of_the_fingers_finds_the_command_that_was_meant,
        every_command_says_how_it_is_used,
        a_help_text_is_read_as_usage_items_and_examples,
        each_command_of_the_contract_is_known,
        what_people_type_is_escaped_in_an_address,
        a_problem_becomes_one_line,
        a_key_or_an_address_that_could_smuggle_a_header_is_refused,
    };
    Suite *suite = suite_create("cli");
    TCase *all = tcase_create("all");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(suite_new());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
