/* import-kannel: the carriers and accounts of a kannel.conf as sections of an assent.conf. Who may be texted is in none of
 * Kannel's files: programs are written as a skeleton, in comments. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "kannel_writer.h"

static const struct {
    const char *kind, *words;
} groups[] = {
#define KANNEL_GROUP(name, sentence) {name, sentence},
#include "proto/kannel.def"
};

static bool is_smpp(const struct kannel_group *group)
{
    const struct kannel_setting *kind = kannel_setting_find(group, "smsc");
    return strcmp(group->kind, "smsc") == 0 && kind != NULL && strcasecmp(kind->value, "smpp") == 0;
}

static void write_begin(struct kannel_writer *writer)
{
    fprintf(writer->out,
            "# Carriers and accounts of a kannel.conf. Take it in by include(\"FILE\"), or copy it.\n"
            "# What has no counterpart is a comment that says so. Who may be texted is not in a kannel.conf: fill in\n"
            "# the program at the end first, then name it in the accounts. See docs/from-kannel.md. That the\n"
            "# accounts' requests to /cgi-bin/sendsms are answered, the http section says kannel = true.\n\n");
}

/* ---- what isn't a section of ours ---- */

static const char *words_of(const struct kannel_group *group)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strcmp(groups[i].kind, group->kind) == 0)
            return groups[i].words;
    return strcmp(group->kind, "smsc") == 0 ? "only SMPP carriers are bound to" : "it is not known here";
}

static void write_other(struct kannel_writer *writer, const struct kannel_group *group)
{
    const struct kannel_setting *kind = kannel_setting_find(group, "smsc");
    bool is_smsc = strcmp(group->kind, "smsc") == 0 && kind != NULL;
    kannel_write_comment(writer, "", "group %.40s%s%.40s (%s): %s", group->kind, is_smsc ? " of kind " : "",
                         is_smsc ? kind->value : "", kannel_place(writer, group, group->line), words_of(group));
    writer->notes++;
}

/* A keyword that calls a program becomes a callback; one with a text of its own may be a keyword section. */
static void write_service(struct kannel_writer *writer, const struct kannel_group *group)
{
    const struct kannel_setting *word = kannel_setting_find(group, "keyword");
    bool has_text = kannel_setting_find(group, "text") != NULL;
    kannel_write_comment(writer, "", "sms-service \"%.60s\" (%s): %s", word == NULL ? "?" : word->value,
                         kannel_place(writer, group, group->line),
                         has_text ? "a `keyword` section answers a word with a text; STOP, HELP, START and their kin are "
                                    "answered by the gateway itself (docs/keywords.md)"
                                  : "inbound texts are handed to the accounts of the program that was written to: by SMPP, "
                                    "by callbacks, by GET /v1/inbound (`inbound_words` of an account parts them by word)");
    writer->notes++;
}

static void write_rest_of_groups(struct kannel_writer *writer, const struct kannel_conf *conf)
{
    for (size_t i = 0; i < conf->count; i++) {
        const struct kannel_group *group = &conf->at[i];
        if (is_smpp(group) || strcmp(group->kind, "sendsms-user") == 0 || strcmp(group->kind, "smpp-tlv") == 0)
            continue;
        if (strcmp(group->kind, "sms-service") == 0)
            write_service(writer, group);
        else
            write_other(writer, group);
    }
}

static void write_program(struct kannel_writer *writer)
{
    fputs("\n# A messaging programme: what people say yes to. Its texts, opt-ins and STOPs are its own; docs/configuration.md\n"
          "# has every key.\n"
          "#\n"
          "# program \"NAME\" {\n"
          "#     brand = \"...\"\n"
          "#     support = \"...\"\n"
          "#     senders = { \"+1...\" }\n"
          "#     carriers = { ",
          writer->out);
    for (size_t i = 0; i < writer->carriers.count; i++)
        fprintf(writer->out, "%s\"%s\"", i == 0 ? "" : ", ", writer->carriers.at[i]);
    fputs(writer->carriers.count == 0 ? "\"...\" }\n# }\n" : " }\n# }\n", writer->out);
}

void kannel_import_write(struct kannel_writer *writer, const struct kannel_conf *conf)
{
    writer->first_file = conf->files[0];
    write_begin(writer);
    for (size_t i = 0; i < conf->count; i++)
        if (is_smpp(&conf->at[i]))
            kannel_carrier_write(writer, conf, &conf->at[i]);
    for (size_t i = 0; i < conf->count; i++)
        if (strcmp(conf->at[i].kind, "sendsms-user") == 0)
            kannel_account_write(writer, &conf->at[i]);
    write_rest_of_groups(writer, conf);
    write_program(writer);
}

/* ---- the command ---- */

static void tell(const struct kannel_writer *writer)
{
    fprintf(stderr, "carriers: %zu, accounts: %zu, without a counterpart: %zu (comments say why)\n",
            writer->carriers.count, writer->accounts.count, writer->notes);
    if (writer->variables.count > 0)
        fprintf(stderr, "to be set in the environment:");
    for (size_t i = 0; i < writer->variables.count; i++)
        fprintf(stderr, " %s", writer->variables.at[i]);
    if (writer->variables.count > 0)
        fputc('\n', stderr);
}

static int tell_problems(struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        fputs(problems->at[i].file, stderr);
        if (problems->at[i].line > 0)
            fprintf(stderr, ":%d", problems->at[i].line);
        fprintf(stderr, ": %s\n", problems->at[i].text);
    }
    config_problems_wipe(problems);
    return CLI_FAILED;
}

int cli_import_kannel(int argc, char **argv)
{
    struct kannel_writer writer = {.out = stdout};
    const struct option_row rows[] = {{"--with-secrets", OPTION_FLAG, &writer.shows_secrets},
                                      {NULL, OPTION_END, NULL}};
    char error[OPTIONS_ERROR_SIZE];
    struct config_problems problems = {0};
    int others = options_read(argc, argv, rows, error);
    if (others != 1)
        return cli_usage("import-kannel", "%s", others < 0 ? error : "it takes one FILE, a kannel.conf");
    struct kannel_conf *conf = kannel_conf_read(argv[1], &problems);
    if (conf == NULL)
        return tell_problems(&problems);
    kannel_import_write(&writer, conf);
    tell(&writer);
    kannel_writer_wipe(&writer);
    kannel_conf_free(conf);
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_fail("import-kannel", "the output can't be written");
    return CLI_DONE;
}
