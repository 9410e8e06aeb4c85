/* demo: opt-in, confirmation, send, block, HELP, STOP and the block after STOP, told step by step.
 * What the gateway says is held against what the simulated phones heard: a claim that doesn't hold
 * makes the demo fail. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/must.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/demo_world.h"
#include "cli/options.h"
#include "cli/table.h"

#define DISCLOSURE                                                                                 \
    "By checking this box I agree to receive text messages from " WORLD_BRAND                      \
    ". Message frequency varies. Message and data rates may apply. Reply STOP to end, HELP for "   \
    "help."

struct demo {
    struct world world;
    bool has_colours;
    int step, claims, broken;
};

/* The leads: how each came, and so whether they may be texted. */
static const struct lead {
    const char *name, *phone, *as_typed, *box, *source;
    bool has_disclosure, may_be_texted;
} leads[] = {
    {"Ana", "+14155550101", "(415) 555-0101", "yes", "web_form", true, true},
    {"Ben", "+14155550102", "415-555-0102", "yes", "web_form", true, true},
    {"Chloe", "+12065550103", "+1 206 555 0103", "yes", "web_form", true, true},
    {"Dev", "+16465550104", "6465550104", "yes", "web_form", true, true},
    {"Ella", "+13125550105", "(312) 555-0105", "no", "web_form", true, false},
    {"Femi", "+15035550106", "503.555.0106", "no", "web_form", true, false},
    {"Gus", "+17025550107", "7025550107", "yes", "import", false, false},
    {"Hana", "+16025550108", "602-555-0108", "yes", "manual", false, false},
    {"Ivan", NULL, "555-0109", "yes", "web_form", true, false},    /* no area code: whose is it? */
    {"Ana", NULL, "415.555.0101", "yes", "web_form", true, false}, /* a double of the first */
    {"Jo", "+12135550110", "213-555-0110", "yes", "web_form", true, true},
    {"Kim", "+12065550111", "206-555-0111", "yes", "web_form", false, false},
};
#define LEADS (sizeof leads / sizeof leads[0])
#define ANA   (&leads[0])
#define BEN   (&leads[1])

/* ---- telling ---- */

static const char *colour(const struct demo *demo, const char *code)
{
    return demo->has_colours ? code : "";
}
#define BOLD  colour(demo, "\033[1m")
#define DIM   colour(demo, "\033[2m")
#define GREEN colour(demo, "\033[32m")
#define RED   colour(demo, "\033[31m")
#define PLAIN colour(demo, "\033[0m")

static void tell_step(struct demo *demo, const char *title)
{
    printf("\n%s%d. %s%s\n", BOLD, ++demo->step, title, PLAIN);
}

/* Says that something is so, and whether it is. */
static void claim(struct demo *demo, bool holds, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void claim(struct demo *demo, bool holds, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    printf("   %s%s%s ", holds ? GREEN : RED, holds ? "ok" : "NOT SO:", PLAIN);
    vprintf(format, values);
    putchar('\n');
    fflush(stdout);
    va_end(values);
    demo->claims++;
    demo->broken += holds ? 0 : 1;
}

#define INDENT 5

/* `width` cuts the lines of a table, which would be hard to read in two; 0 cuts nothing. */
static void print_indented(const char *text, size_t width)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), shown = length;
        if (width > INDENT && length > width - INDENT)
            shown = width - INDENT;
        printf("%*s%.*s\n", INDENT, "", (int)shown, text);
        text += length + (text[length] == '\n' ? 1 : 0);
    }
}

static void print_command(const struct demo *demo, const char *const *argv)
{
    printf("   %s$ assent", DIM);
    for (; *argv != NULL; argv++) {
        const char *quote = strpbrk(*argv, " {}()'") == NULL ? "" : "'";
        printf(" %s%s%s", quote, *argv, quote);
    }
    printf("%s\n", PLAIN);
    fflush(stdout);
}

/* Runs a command as a user would, and shows it with its output. The caller frees the output. */
static char *run(struct demo *demo, enum world_account account, const char *const *argv,
                 int expected, size_t width)
{
    char *output;
    print_command(demo, argv);
    int code = world_run(&demo->world, account, argv, &output);
    print_indented(output, width);
    if (code != expected)
        claim(demo, false, "the command should end with %d, and ended with %d", expected, code);
    return output;
}

static bool has_all(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, words[i]) == NULL)
            return false;
    }
    return true;
}
#define HAS_ALL(text, ...)                                                                         \
    has_all(text, (const char *const[]){__VA_ARGS__},                                              \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* ---- the phones ---- */

static const char *text_of(const json_t *heard, size_t index)
{
    const char *text = json_string_value(json_object_get(json_array_get(heard, index), "text"));
    return text == NULL ? "" : text;
}

static void print_phone(const struct lead *lead, const char *text)
{
    char *safe = table_safe(text);
    printf("     %-5s %s  \"%s\"\n", lead->name, lead->phone, safe);
    free(safe);
}

/* Every phone has heard as many texts as it should; a lead without a number can't hear any. */
static bool all_heard(struct demo *demo, size_t texted, size_t others)
{
    bool is_so = true;
    for (size_t i = 0; i < LEADS && is_so; i++) {
        if (leads[i].phone == NULL)
            continue;
        size_t count = leads[i].may_be_texted ? texted : others;
        json_t *heard = world_await(&demo->world, leads[i].phone, count);
        is_so = heard != NULL && json_array_size(heard) == count;
        json_decref(heard);
    }
    return is_so;
}

/* What a phone hears as its `count`th text; the caller frees it. NULL: nothing came. */
static char *hear(struct demo *demo, const struct lead *lead, size_t count)
{
    json_t *heard = world_await(&demo->world, lead->phone, count);
    bool is_there = json_array_size(heard) == count;
    char *text = is_there ? mem_text(text_of(heard, count - 1)) : NULL;
    json_decref(heard);
    if (text != NULL)
        print_phone(lead, text);
    return text;
}

static size_t count_heard(struct demo *demo, const struct lead *lead)
{
    json_t *heard = world_heard(&demo->world, lead->phone);
    size_t count = json_array_size(heard);
    json_decref(heard);
    return count;
}

/* ---- the story ---- */

static bool write_leads(struct demo *demo)
{
    char *text = NULL, at[TIME_TEXT_SIZE];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    must(out != NULL);
    fputs("first_name,phone,sms_opt_in,source,product,form_url,disclosure,collected_at\n", out);
    for (size_t i = 0; i < LEADS; i++) {
        time_write(clock_wall_ms() - (int64_t)(LEADS - i) * 3600000, at);
        fprintf(out, "%s,%s,%s,%s,Home tours,%s,%s%s%s,%s\n", leads[i].name, leads[i].as_typed,
                leads[i].box, leads[i].source,
                strcmp(leads[i].source, "web_form") == 0 ? "https://harborhomes.example.com/tour"
                                                         : "",
                leads[i].has_disclosure ? "\"" : "", leads[i].has_disclosure ? DISCLOSURE : "",
                leads[i].has_disclosure ? "\"" : "", at);
    }
    must(fclose(out) == 0);
    bool is_good = world_write(&demo->world, "leads.csv", text);
    free(text);
    return is_good;
}

static void tell_import(struct demo *demo)
{
    tell_step(demo, "Twelve leads come in from a form, a bought list and by hand");
    const char *const argv[] = {"consent", "import", "leads.csv", "--program", WORLD_PROGRAM, NULL};
    char *output = run(demo, WORLD_CAMPAIGNS, argv, 0, 0);
    claim(demo, HAS_ALL(output, "opted_in 6", "not_eligible 4", "2 refused"),
          "a ticked box with its evidence opts in; an unticked one, a list and an entry by hand "
          "don't");
    claim(demo, HAS_ALL(output, "line 10", "line 13"),
          "the row without an area code and the one without its disclosure are named");
    free(output);
}

static void tell_confirmations(struct demo *demo)
{
    tell_step(demo, "Who opted in gets the confirmation, once");
    claim(demo, all_heard(demo, 1, 0) && world_settle(&demo->world) && all_heard(demo, 1, 0),
          "five phones heard one text, the one with two rows as well; nobody else heard anything");
    for (size_t i = 0; i < LEADS; i++) {
        if (!leads[i].may_be_texted)
            continue;
        json_t *heard = world_heard(&demo->world, leads[i].phone);
        print_phone(&leads[i], text_of(heard, 0));
        json_decref(heard);
    }
}

/* Why somebody wasn't texted, as the gateway tells it; the caller frees it. */
static char *why_of(struct demo *demo, const struct lead *lead)
{
    char *path = client_path_of("/v1/consents/", lead->phone, "");
    struct answer answer = client_ask(demo->world.client, "GET", path, NULL);
    json_t *program = json_array_get(json_object_get(answer.body, "programs"), 0);
    json_t *why = json_object_get(program, "why");
    char *text = mem_text(why == NULL ? "" : json_string_value(why));
    answer_wipe(&answer);
    free(path);
    return text;
}

static void print_outcome(struct demo *demo)
{
    for (size_t i = 0; i < LEADS; i++) {
        if (leads[i].phone == NULL)
            continue;
        size_t count = count_heard(demo, &leads[i]);
        char *why = why_of(demo, &leads[i]);
        char *safe = table_safe(why);
        printf("     %-5s %s  %s%-9s%s %s\n", leads[i].name, leads[i].phone,
               count == 2 ? GREEN : RED, count == 2 ? "got it" : "blocked", PLAIN, safe);
        free(safe);
        free(why);
    }
}

static void tell_send(struct demo *demo)
{
    tell_step(demo, "One text to the whole file");
    const char *const argv[] = {"send",
                                "--program",
                                WORLD_PROGRAM,
                                "--csv",
                                "leads.csv",
                                "--text",
                                "Hi {first_name}, three new homes this week. Reply STOP to end.",
                                NULL};
    char *output = run(demo, WORLD_CAMPAIGNS, argv, 0, 0);
    claim(demo,
          HAS_ALL(output, "12 rows: 5 accepted", "5 blocked", "no_consent 5", "1 refused",
                  "1 double"),
          "all twelve rows are accounted for");
    free(output);
    claim(demo, all_heard(demo, 2, 0) && world_settle(&demo->world) && all_heard(demo, 2, 0),
          "the five who said yes heard it once, and the phones of the others are still silent");
    print_outcome(demo);
}

static void tell_help(struct demo *demo)
{
    tell_step(demo, "Ana texts HELP");
    bool is_said = world_say(&demo->world, ANA->phone, "HELP");
    char *answer = is_said ? hear(demo, ANA, 3) : NULL;
    claim(demo, answer != NULL && HAS_ALL(answer, WORLD_BRAND, "help.example.com", "STOP"),
          "she is told who writes, where help is, and how to stop");
    free(answer);
}

static void tell_stop(struct demo *demo)
{
    tell_step(demo, "Ben texts STOP");
    bool is_said = world_say(&demo->world, BEN->phone, "Stop");
    char *answer = is_said ? hear(demo, BEN, 3) : NULL;
    claim(demo, answer != NULL && HAS_ALL(answer, WORLD_BRAND, "unsubscribed"),
          "he gets one confirmation");
    free(answer);
}

static void tell_block(struct demo *demo)
{
    tell_step(demo, "Somebody tries to text Ben again");
    const char *const argv[] = {"send",     "--program", WORLD_PROGRAM,         "--to",
                                BEN->phone, "--text",    "Ben, one more home!", NULL};
    char *output = run(demo, WORLD_CAMPAIGNS, argv, 1, 0);
    claim(demo, HAS_ALL(output, "opted_out"), "it is refused at once, and says why");
    claim(demo, world_settle(&demo->world) && count_heard(demo, BEN) == 3,
          "Ben's phone heard nothing after the confirmation of his STOP");
    free(output);
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    while ((text = strstr(text, word)) != NULL) {
        count++;
        text += strlen(word);
    }
    return count;
}

static void tell_blocks(struct demo *demo)
{
    tell_step(demo, "Every block is on record");
    const char *const argv[] = {"blocks", "--program", WORLD_PROGRAM, NULL};
    char *output = run(demo, WORLD_OVERSIGHT, argv, 0, cli_width(stdout));
    claim(demo, count_of(output, "no_consent") == 5 && count_of(output, "opted_out") == 1,
          "five without consent, one after an opt-out: as many as were blocked above");
    free(output);
}

static void tell_ledger(struct demo *demo)
{
    tell_step(demo, "The record can be checked, without the gateway");
    const char *const argv[] = {"ledger", "verify", "--db", "assent.db", NULL};
    char *output = run(demo, WORLD_OVERSIGHT, argv, 0, 0);
    claim(demo, HAS_ALL(output, "ledger is whole"), "nothing was changed, left out or added");
    free(output);
}

static void (*const story[])(struct demo *demo) = {
    tell_import, tell_confirmations, tell_send,   tell_help,
    tell_stop,   tell_block,         tell_blocks, tell_ledger,
};
#define STEPS (sizeof story / sizeof story[0])

/* A broken claim doesn't end it: the steps behind it say more about what is wrong. */
static int tell(struct demo *demo)
{
    tell_step(demo, "A simulated carrier with its phones, and a gateway, on this machine");
    if (!world_begin(&demo->world) || !write_leads(demo)) {
        world_print_log(&demo->world);
        return cli_fail("demo", "%s", demo->world.why);
    }
    printf("   carrier at %s, gateway at http://%s; no text leaves this machine\n"
           "   the program's form is at http://%s/optin/" WORLD_PROGRAM " (--keep leaves it there for you)\n",
           demo->world.carrier_smpp, demo->world.http, demo->world.http);
    for (size_t i = 0; i < STEPS && !cli_is_interrupted(); i++)
        story[i](demo);
    if (cli_is_interrupted())
        return cli_fail("demo", "interrupted");
    if (demo->broken == 0) {
        printf("\n%sAll %d claims hold against what the phones heard.%s\n", BOLD, demo->claims,
               PLAIN);
        return CLI_DONE;
    }
    world_print_log(&demo->world);
    return cli_fail("demo", "%d of %d claims do not hold%s%s", demo->broken, demo->claims,
                    demo->world.why[0] == '\0' ? "" : "; ", demo->world.why);
}

static int keep(struct demo *demo, int result)
{
    struct world *world = &demo->world;
    const char *colon = strrchr(world->control, ':');
    must(colon != NULL);
    printf("\nBoth keep running until ^C, in %s:\n"
           "   HTTP API     http://%s\n"
           "   SMPP         %s  system_id campaigns  password %s\n"
           "   form         http://%s/optin/" WORLD_PROGRAM "\n"
           "   carrier      control port %s\n"
           "   keys         %s  (campaigns)\n"
           "                %s  (oversight)\n"
           "\nTo try, in another terminal:\n"
           "   export ASSENT_URL=http://%s ASSENT_API_KEY=%s\n"
           "   assent send --program " WORLD_PROGRAM " --to %s --text 'Hello Ana'\n"
           "   assent consent show %s\n"
           "   assent status --watch --key %s\n"
           "\nThe form opts in whoever ticks its box. Open it in a browser, for 415-555-0199 say, and ask what that phone was told:\n"
           "   echo messages +14155550199 | nc -N %.*s %s\n",
           world->directory, world->http, world->smpp, world->smpp_password, world->http, world->control,
           world->keys[WORLD_CAMPAIGNS], world->keys[WORLD_OVERSIGHT], world->http,
           world->keys[WORLD_CAMPAIGNS], ANA->phone, BEN->phone, world->keys[WORLD_OVERSIGHT], (int)(colon - world->control), world->control, colon + 1);
    fflush(stdout);
    world_idle(world);
    if (cli_is_interrupted())
        return result;
    world_print_log(world);
    return cli_fail("demo", "the %s has ended by itself",
                    world->gateway == 0 ? "gateway" : "carrier");
}

int cli_demo(int argc, char **argv)
{
    struct demo demo = {.has_colours = cli_has_colours(stdout)};
    bool keeps = false;
    const struct option_row rows[] = {{"--keep", OPTION_FLAG, &keeps}, {NULL, OPTION_END, NULL}};
    char error[OPTIONS_ERROR_SIZE];
    int others = options_read(argc, argv, rows, error);
    if (others != 0)
        return cli_usage("demo", "%s%s", others < 0 ? error : "it takes options only, not ",
                         others < 0 ? "" : argv[1]);
    cli_catch_interrupts();
    int result = tell(&demo);
    if (keeps && demo.world.client != NULL && !cli_is_interrupted())
        result = keep(&demo, result);
    world_end(&demo.world);
    return result;
}
