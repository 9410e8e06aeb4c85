/* A group `sendsms-user` as an account section. Its username and password become those of SMPP, which the doors for Kannel's
 * clients take, so that its requests are understood as they are. They become no API key: that is secret by itself, and
 * passwords of a kannel.conf are short, and may be the same for two. */
#include "kannel_writer.h"

#define SYSTEM_ID_MOST 15 /* SMPP 3.4 5.2.1 */

static void write_login(struct kannel_writer *writer, const struct kannel_group *group, const char *name)
{
    if (strlen(name) <= SYSTEM_ID_MOST) {
        kannel_write_key(writer, group, "system_id", name, group->line);
        kannel_write_secret(writer, group, "password", name, "password");
        return;
    }
    kannel_write_comment(writer, "    ", "a system_id has 15 octets at most; requests say the account's name and its API key");
    kannel_write_secret(writer, group, "api_key", name, "password");
}

void kannel_account_write(struct kannel_writer *writer, const struct kannel_group *group)
{
    const char *name = kannel_setting_take(group, "username");
    if (name == NULL || name[0] == '\0' || strlen(name) > 64 || !setting_text_is_clean(name, false)) {
        kannel_write_comment(writer, "", "sendsms-user of %s: its username can't name an account: 1 to 64 octets of UTF-8",
                             kannel_place(writer, group, group->line));
        writer->notes++;
        return;
    }
    if (kannel_names_have(&writer->accounts, name)) {
        kannel_write_comment(writer, "", "sendsms-user of %s: the username %s is taken by an earlier one",
                             kannel_place(writer, group, group->line), name);
        writer->notes++;
        return;
    }
    kannel_names_add(&writer->accounts, name);
    kannel_write_comment(writer, "", "sendsms-user of %s", kannel_place(writer, group, group->line));
    kannel_write_head(writer, SECTION_account, name);
    write_login(writer, group, name);
    fputs("    roles = { \"sender\" }\n"
          "    programs = { }  # the programs that it may send for: without one it can send nothing\n",
          writer->out);
    kannel_write_rest(writer, group);
    kannel_write_foot(writer);
}
