/* The configuration: what it takes, what it refuses and at which line. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/setting.h"
#include "config/template.h"
#include "consent/spoken.h"

static char directory[] = "/tmp/assent-config-XXXXXX";
static char path[sizeof directory + 32];
static struct config_problems problems;
static struct config *config;

static void file_write(const char *name, const char *text)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void file_remove(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    ck_assert_int_eq(unlink(path), 0);
}

/* From the file "main.conf"; what was loaded before is forgotten. */
static void load(const char *text)
{
    config_free(config);
    config_problems_wipe(&problems);
    file_write("main.conf", text);
    config = config_load_with(path, &spoken_config_words, &problems);
}

static void setup(void)
{
    memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    file_write("main.conf", "");
    unsetenv("ASSENT_TEST_UNSET");
    setenv("ASSENT_TEST_EMPTY", "", 1);
    setenv("ASSENT_TEST_SECRET", "hunter2", 1);
}

static void teardown(void)
{
    config_free(config);
    config = NULL;
    config_problems_wipe(&problems);
    file_remove("main.conf");
    rmdir(directory);
}

static bool has_problem_in(const char *name, int line, const char *words)
{
    char file[sizeof path];
    snprintf(file, sizeof file, "%s/%s", directory, name);
    for (size_t i = 0; i < problems.count; i++)
        if (problems.at[i].line == line && strcmp(problems.at[i].file, file) == 0 &&
            strstr(problems.at[i].text, words) != NULL)
            return true;
    return false;
}

static bool has_problem(int line, const char *words)
{
    return has_problem_in("main.conf", line, words);
}

static void print_problems(const char *text)
{
    fprintf(stderr, "of: %s\n", text);
    for (size_t i = 0; i < problems.count; i++)
        fprintf(stderr, "%s:%d: %s\n", problems.at[i].file, problems.at[i].line,
                problems.at[i].text);
}

/* Refused, for nothing but this. */
static void refused(const char *text, int line, const char *words)
{
    load(text);
    if (config != NULL || !has_problem(line, words) || problems.error_count != 1)
        print_problems(text);
    ck_assert_ptr_null(config);
    ck_assert_uint_eq(problems.error_count, 1);
    ck_assert(has_problem(line, words));
}

static void accepted(const char *text)
{
    load(text);
    if (config == NULL)
        print_problems(text);
    ck_assert_ptr_nonnull(config);
}

#define CARRIER "carrier \"c\" { host = \"h\" system_id = \"me\" }\n"
#define PROGRAM                                                                                    \
    "program \"p\" { brand = \"Brand\" senders = { \"+12065550100\" } carriers = { \"c\" } "       \
    "support = \"help@example.com\" "
/* Two lines: what is tested stands in the third. */
#define WORLD CARRIER PROGRAM "}\n"

/* A list of files, each refused for its one reason. */
struct wrong {
    const char *text;
    int line;
    const char *words;
};

static void all_refused(const struct wrong *wrong, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refused(wrong[i].text, wrong[i].line, wrong[i].words);
}

#define ALL_REFUSED(rows) all_refused(rows, sizeof(rows) / sizeof((rows)[0]))

START_TEST(what_is_left_out_has_its_default)
{
    accepted(WORLD "account \"a\" { api_key = \"k\" programs = { \"p\" } }\n");
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_str_eq(config->database, "assent.db");
    ck_assert_str_eq(config->default_country, "US");
    ck_assert_str_eq(config->http.listen.host, "127.0.0.1");
    ck_assert_uint_eq(config->http.listen.port, 8080);
    ck_assert_uint_eq(config->smpp.listen.port, 2776);
    const struct config_carrier *carrier = config_carrier_find(config, "c");
    ck_assert_int_eq(carrier->port, 2775);
    ck_assert_int_eq(carrier->bind, CONFIG_TRANSCEIVER);
    ck_assert_int_eq(carrier->binds, 1);
    ck_assert_int_eq(carrier->window, 100);
    ck_assert_int_eq(carrier->enquire_link_s, 30);
    ck_assert_int_eq(carrier->response_timeout_s, 60);
    ck_assert_str_eq(carrier->country, "US");
    ck_assert_str_eq(carrier->password, "");
    ck_assert(!carrier->tls && carrier->verify);
    const struct config_program *program = config_program_find(config, "p");
    ck_assert_str_eq(program->owner, "Brand");
    ck_assert_uint_eq(program->countries.count, 2);
    ck_assert(config_list_has(&program->countries, "US"));
    ck_assert(config_list_has(&program->countries, "CA"));
    ck_assert_int_eq(program->purpose, CONFIG_MARKETING);
    ck_assert_int_eq(program->opt_out_scope, CONFIG_SCOPE_OWNER);
    ck_assert_int_eq(program->consent_expires_ms, 0);
    ck_assert_int_eq(program->quiet_hours.kind, CONFIG_HOURS_US);
    const struct config_account *account = config_account_find(config, "a");
    ck_assert_uint_eq(account->roles, CONFIG_ROLE_SENDER | CONFIG_ROLE_CONSENT);
    ck_assert_str_eq(account->system_id, "");
    ck_assert(!account->password.is_set);
    ck_assert_uint_eq(account->inbound.count, 0);
}
END_TEST

START_TEST(what_is_said_is_read)
{
    accepted(
        "database = other.db default_country = \"\" log_level = debug\n"
        "http { listen = \"[::1]:0\" } smpp { listen = \"sms.example.com:65535\" }\n"
        "carrier \"c\" { host = \"h\"  port = 2 system_id = \"me\" bind = \"receiver\" binds = 3\n"
        " window = 7 enquire_link = 9 country = \"CA\" system_type = \"VMA\" password = pw }\n"
        "program \"p\" { owner = \"O\" brand = \"B\" senders = { \"+12065550100\", \"24365\",\n"
        "  \"Brand X\" } carriers = { \"c\" } support = \"s\" purpose = \"informational\"\n"
        "  opt_out_scope = \"program\" consent_expires = \"730d\" countries = { \"GB\" } }\n"
        "account \"a\" { roles = { \"compliance\", \"admin\" } programs = { \"p\" }\n"
        "  system_id = \"a\" password = \"pw\" inbound = { \"24365\" } }\n");
    ck_assert_str_eq(config->database, "other.db");
    ck_assert_str_eq(config->default_country, "");
    ck_assert_str_eq(config->http.listen.host, "::1");
    ck_assert_uint_eq(config->http.listen.port, 0);
    ck_assert_str_eq(config->smpp.listen.host, "sms.example.com");
    const struct config_carrier *carrier = &config->carriers[0];
    ck_assert_int_eq(carrier->port, 2);
    ck_assert_int_eq(carrier->bind, CONFIG_RECEIVER);
    ck_assert_int_eq(carrier->binds, 3);
    ck_assert_int_eq(carrier->window, 7);
    ck_assert_int_eq(carrier->enquire_link_s, 9);
    ck_assert_str_eq(carrier->country, "CA");
    ck_assert_str_eq(carrier->password, "pw");
    const struct config_program *program = config_program_of_sender(config, "24365");
    ck_assert_str_eq(program->name, "p");
    ck_assert_str_eq(program->owner, "O");
    ck_assert_str_eq(program->senders.at[2], "Brand X");
    ck_assert_int_eq(program->purpose, CONFIG_INFORMATIONAL);
    ck_assert_int_eq(program->opt_out_scope, CONFIG_SCOPE_PROGRAM);
    ck_assert_int_eq(program->consent_expires_ms, INT64_C(730) * 24 * 3600 * 1000);
    ck_assert_uint_eq(program->countries.count, 1);
    ck_assert_uint_eq(config->accounts[0].roles, CONFIG_ROLE_COMPLIANCE | CONFIG_ROLE_ADMIN);
    ck_assert_ptr_null(config_program_of_sender(config, "+12065550199"));
}
END_TEST

START_TEST(an_unknown_key_is_refused_at_its_line)
{
    static const struct wrong wrong[] = {
        {"\ndatabse = \"x\"\n", 2, "\"databse\""},
        {"carrier \"c\" {\n host = \"h\" system_id = \"i\"\n  prot = 1\n}\n", 3, "\"prot\""},
        {"account \"a\" { api_key = k\n rolls = { \"x\",\n \"y\" } }\n", 2, "\"rolls\""},
        {"\n\nrouter \"x\" {\n a = 1\n}\n", 3, "\"router\""},
        {"\n\"it's\" = 1\n", 2, "\"it's\""},
        {"http { }\nhttp|listen = \"127.0.0.1:1\"\n", 2, "listen\""},
        {"http {\n include(\"x\")\n}\n", 2, "\"include\""},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(all_that_is_wrong_is_told_at_once_in_order)
{
    load("databse = 1\n"
         "database = \"${ASSENT_TEST_UNSET}\"\n"
         "carrier \"c\" { host = \"h\" system_id = \"x\"\n"
         "  port = 70000\n"
         "  prot = 1\n"
         "  window = none\n"
         "}\n"
         "carrier \"c\" { }\n"
         "http {\n  listen = \"nowhere\"\n");
    ck_assert_ptr_null(config);
    ck_assert_uint_eq(problems.error_count, 8);
    static const int lines[] = {1, 2, 4, 5, 6, 8, 9, 10};
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(problems.at[i].line, lines[i]);
}
END_TEST

START_TEST(a_key_given_twice_is_refused)
{
    static const struct wrong wrong[] = {
        {"database = \"a\"\ndatabase = \"a\"\n", 2, "database is given twice"},
        {"carrier \"c\" { host = \"h\" system_id = \"i\"\n port = 1\n port = 1 }\n", 3, "port"},
        {"account \"a\" { api_key = k\n roles = { \"admin\" }\n roles = { \"admin\" } }\n", 3,
         "roles is given twice"},
        {"http { }\nhttp { }\n", 2, "http is given twice"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(a_title_given_twice_is_refused)
{
    static const struct wrong wrong[] = {
        {CARRIER CARRIER, 2, "carrier c is given twice"},
        {WORLD PROGRAM "}\n", 3, "program p is given twice"},
        {WORLD "sender \"+12065550100\" { }\nsender \"+12065550100\" { }\n", 4, "sender"},
        {"account \"a\" { api_key = a roles = { \"admin\" } }\n"
         "account \"a\" { api_key = b roles = { \"admin\" } }\n",
         2, "account a is given twice"},
        {"carrier \"\xff\" { host = \"h\" system_id = \"i\" }\n", 1, "UTF-8"},
        {"carrier \"\" { host = \"h\" system_id = \"i\" }\n", 1, "1 to 64"},
    };
    ALL_REFUSED(wrong);
    accepted(WORLD "account \"p\" { api_key = a programs = { \"p\" } }\n");
}
END_TEST

START_TEST(broken_syntax_is_refused_at_its_line)
{
    static const struct wrong wrong[] = {
        {"\ndatabase \"x\"\n", 2, "equal sign"},
        {"\n}\n", 2, "closing brace"},
        {"\ncarrier \"c\" {\n host = \"h\" system_id = \"i\"\n", 2, "never closed"},
        {"\ncarrier \"c\" { host = \"h\" system_id = \"i\" }\nhttp {\n", 3, "never closed"},
        {"\n\ncarrier {\n}\n", 3, "title"},
        {"\ndatabase = \"x\n\n", 2, "never ends"},
        {"\n/* x\n\n", 2, "never ends"},
        {"include()\n", 1, "include"},
        {CARRIER PROGRAM "\ncountries += { \"GB\" } }\n", 3, "+="},
    };
    ALL_REFUSED(wrong);
    load("carrier \"c\" {\n host = \"h\"\ncarrier \"d\" {\n");
    ck_assert(has_problem(3, "closing brace"));
}
END_TEST

START_TEST(comments_move_no_line)
{
    refused("/* one\n two */ # three\n// four\nbroken = 1\n", 4, "broken");
    refused("/* one */ /* two */\nbroken = 1\n", 2, "broken");
    accepted("carrier \"c\" { host = \"h#1/*\" # \"\n system_id = /* x */ 'i' // y\n}\n"
             "program \"p\" { brand = \"B\" support = \"s\" carriers = { \"c\" } senders = {\n"
             "  \"+12065550100\", # the first\n  \"24365\" /* the second */ }\n"
             "  terms = https://example.com/terms }\n");
    ck_assert_str_eq(config->carriers[0].host, "h#1/*");
    ck_assert_str_eq(config->programs[0].terms, "https://example.com/terms");
}
END_TEST

START_TEST(a_value_out_of_its_bounds_is_refused)
{
    static const struct wrong wrong[] = {
        {"\ndatabase = \"\"\n", 2, "empty"},
        {"default_country = \"USA\"\n", 1, "country"},
        {"default_country = \"us\"\n", 1, "country"},
        {"log_level = \"loud\"\n", 1, "none of debug"},
        {"http {\n listen = \"8080\" }\n", 2, "HOST:PORT"},
        {"http { listen = \"127.0.0.1:65536\" }\n", 1, "HOST:PORT"},
        {"http { listen = \"127.0.0.256:80\" }\n", 1, "HOST:PORT"},
        {"http { listen = \"::1:80\" }\n", 1, "HOST:PORT"},
        {"smpp { listen = \":80\" }\n", 1, "HOST:PORT"},
        {"smpp { listen = \"[]:80\" }\n", 1, "HOST:PORT"},
        {"smpp { listen = \"a b:80\" }\n", 1, "HOST:PORT"},
        {"carrier \"c\" { host = \"\"\n system_id = \"i\" }\n", 1, "host must not be empty"},
        {"carrier \"c\" { host = \"h\" system_id = \"sixteen-octets-x\" }\n", 1, "system_id"},
        {CARRIER "carrier \"d\" { host = \"h\" system_id = \"i\"\nport = 0 }\n", 3, "port"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nport = \"2775x\" }\n", 2, "whole number"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nport = -1 }\n", 2, "whole number"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nwindow = 0 }\n", 2, "window"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nbinds = 0 }\n", 2, "binds"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nbind = \"both\" }\n", 2, "none of"},
        {CARRIER PROGRAM "\nfrequency = \"often\" }\n", 3, "4/month"},
        {CARRIER PROGRAM "\nfrequency_cap = true }\n", 3, "needs a frequency"},
        {CARRIER PROGRAM "\nconsent_expires = \"730\" }\n", 3, "duration"},
        {CARRIER PROGRAM "\nconsent_expires = \"0d\" }\n", 3, "never"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nreceipt_deadline = \"1s\" }\n", 2, "too short: at least 1m"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nparts_wait = \"25h\" }\n", 2, "too long: at most 1d"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nparts_wait = \"0s\" }\n", 2, "no time at all; leave it out"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nparts_wait = \"never\" }\n", 2, "never is too long: at most 1d"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nretry = { \"0x14 retry 101\" } }\n", 2, "100 times"},
        {CARRIER PROGRAM "\ncountries = { \"US\",\n \"Canada\" } }\n", 4, "Canada"},
        {CARRIER PROGRAM "\ncountries = { }\n }\n", 4, "countries must not be empty"},
        {CARRIER PROGRAM "\ncountries = { \"US\", \"US\" } }\n", 3, "twice"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nopt_out_statuses = { \"11\" } }\n", 2, "in hexadecimal"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nopt_out_statuses = { \"0x0\" } }\n", 2, "in hexadecimal"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nopt_out_statuses = { \"0x123456789\" } }\n", 2, "in hexadecimal"},
        {CARRIER PROGRAM "\npurpose = \"fun\" }\n", 3, "marketing"},
        {"account \"a\" { system_id = \"a\" password = \"12345678\"\naddresses = { \"192.0.2.1/24\" } }\n", 2,
         "neither an address nor a range"},
        {"http {\ntrusted_proxies = { \"10.0.0.1/8\" } }\n", 2, "neither an address nor a range"},
        {"http {\nproxy_header = \"both\" }\n", 2, "x_forwarded_for"},
        {CARRIER PROGRAM "\nopt_out_scope = \"all\" }\n", 3, "owner"},
        {CARRIER PROGRAM "\ncategory = \"alerts\" }\n", 3, "all marketing of the owner"},
        {CARRIER PROGRAM "purpose = \"informational\"\ncategory = \"marketing\" }\n", 3, "only a marketing"},
        {CARRIER PROGRAM "purpose = \"informational\"\ncategory = \"a/b\" }\n", 3, "small letters"},
        {CARRIER PROGRAM "\nquiet_hours = \"US\" }\n", 3, "neither off, us, nor hours"},
        {CARRIER PROGRAM "\nquiet_hours = \"\" }\n", 3, "neither off, us, nor hours"},
        {CARRIER PROGRAM "\nquiet_hours = \"9:00-20:00\" }\n", 3, "as in 09:00-20:00"},
        {CARRIER PROGRAM "\nquiet_hours = \"09:00-20:60\" }\n", 3, "as in 09:00-20:00"},
        {CARRIER PROGRAM "\nquiet_hours = \"09:00-24:01\" }\n", 3, "as in 09:00-20:00"},
        {CARRIER PROGRAM "\nquiet_hours = \"09:00 20:00\" }\n", 3, "as in 09:00-20:00"},
        {CARRIER PROGRAM "\nquiet_hours = \"09.00-20.00\" }\n", 3, "as in 09:00-20:00"},
        {CARRIER PROGRAM "\nquiet_hours = \"09:00-00:00\" }\n", 3, "as in 09:00-20:00"},
        {CARRIER PROGRAM "\nquiet_hours = \"20:00-09:00\" }\n", 3, "ends before it begins"},
        {CARRIER PROGRAM "\nquiet_hours = \"09:00-09:00\" }\n", 3, "ends before it begins"},
        {CARRIER PROGRAM "\nowner = \"\xff\" }\n", 3, "UTF-8"},
        {CARRIER PROGRAM "\nowner = \"a\\nb\" }\n", 3, "control"},
        {WORLD "sender \"+12065550100\" {\n kind = \"fax\" }\n", 4, "10dlc"},
        {"account \"a\" { api_key = k\n roles = { \"admin\", \"root\" } }\n", 2, "\"root\""},
        {"account \"a\" { api_key = k\n roles = { } }\n", 2, "roles must not be empty"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(a_sender_is_a_number_with_its_plus_a_short_code_or_a_name)
{
    static const char *const wrong[] = {
        "12065550100",  "+1 206 555 0100",   "+0205550100", "12", "",
        "A long brand", "+12065550100555500"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 CARRIER "program \"p\" { brand = \"B\" support = \"s\" carriers = { \"c\" }\n"
                         "senders = { \"%s\" } }\n",
                 wrong[i]);
        refused(text, 3, "sender");
    }
}
END_TEST

#define TLVS "carrier \"c\" { host = \"h\" system_id = \"me\" tlvs = { \"entity 0x1400 octet_string 4 required\" } }\n"

START_TEST(tlvs_are_known_by_name_to_a_carrier_and_fit)
{
    static const struct wrong wrong[] = {
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\ntlvs = { \"entity 0x1400\" } }\n", 2, "needs a tag and a type"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\ntlvs = { \"message_payload\" } }\n", 2, "can't be set"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\ntlvs = { \"a 0x1400 int1\", \"b 0x1400 int2\" } }\n", 2,
         "a and b are one name or one tag"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\ntlvs = { \"a 0x1400 int1\", \"a 0x1401 int2\" } }\n", 2,
         "are one name or one tag"},
        {TLVS PROGRAM "\ntlvs = { \"entity\" } }\n", 3, "isn't a name and its value"},
        {TLVS PROGRAM "\ntlvs = { \"entity=1201\", \"template=1\" } }\n", 3, "none of its carriers has a TLV named template"},
        {TLVS PROGRAM "\ntlvs = { \"entity=12011\" } }\n", 3, "at carrier c, entity has 5 octets"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(a_required_tlv_that_a_program_does_not_give_is_told)
{
    accepted(TLVS PROGRAM "}\n");
    ck_assert_uint_eq(problems.count, 1);
    ck_assert(problems.at[0].is_warning);
    ck_assert_ptr_nonnull(strstr(problems.at[0].text, "requires the TLV entity, and the program gives none to its confirmation"));
    ck_assert_str_eq(config->carriers[0].tlvs.at[0], "entity 0x1400 octet_string 4 required");
    accepted(TLVS PROGRAM "tlvs = { \"entity=1201\" } }\n");
    ck_assert_uint_eq(problems.count, 0);
    accepted(TLVS PROGRAM "tlvs = { \"confirmation.entity=1\", \"help_reply.entity=1\", \"start_reply.entity=1\" } }\n");
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_ptr_nonnull(strstr(problems.at[0].text, "none to its stop_reply"));
}
END_TEST

START_TEST(a_required_key_that_is_missing_is_told_at_its_section)
{
    static const struct wrong wrong[] = {
        {"\ncarrier \"c\" {\n system_id = \"i\"\n}\n", 2, "host is missing"},
        {"carrier \"c\" { host = \"h\" }\n", 1, "system_id is missing"},
        {CARRIER
         "program \"p\" {\n senders = { \"24365\" } carriers = { \"c\" } support = \"s\"}\n",
         2, "brand is missing"},
        {CARRIER "program \"p\" {\n senders = { \"24365\" } carriers = { \"c\" } brand = \"s\"}\n",
         2, "support is missing"},
        {CARRIER "program \"p\" {\n senders = { \"24365\" } brand = \"b\" support = \"s\"}\n", 2,
         "carriers is missing"},
        {CARRIER "program \"p\" {\n carriers = { \"c\" } brand = \"b\" support = \"s\"}\n", 2,
         "senders is missing"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(a_keyword_opts_in_only_by_a_published_wording)
{
    static const struct wrong wrong[] = {
        {CARRIER PROGRAM "\nkeyword_opt_in = true }\n", 3, "call_to_action, the published wording"},
        {CARRIER PROGRAM "\nkeyword_opt_in = true call_to_action = \" \" }\n", 3, "(R7)"},
        {CARRIER PROGRAM "\nquestion = \"{brand}: Want texts? HELP for help, STOP to end\" }\n", 3,
         "doesn't say \"YES\""},
    };
    ALL_REFUSED(wrong);
}
END_TEST

#define HTTP "http { public_url = \"https://sms.example.com\" } "
#define OPTIN PROGRAM "double_opt_in = true optin = true terms = \"https://example.com/t#sms\" privacy = \"https://example.com/p\" "
#define HALF PROGRAM "privacy = \"https://example.com/p\" optin = true "

START_TEST(a_form_says_what_carriers_and_the_law_ask_for)
{
    static const struct wrong wrong[] = {
        {CARRIER PROGRAM "terms = \"https://example.com/t\" privacy = \"https://example.com/p\"\noptin = true }\n", 3, "optin needs public_url"},
        {HTTP CARRIER HALF "}\n", 2, "optin needs terms"},
        {HTTP CARRIER PROGRAM "optin = true terms = \"https://example.com/p\" }\n", 2, "optin needs privacy"},
        {HTTP CARRIER HALF "\nterms = \"example.com\" }\n", 3, "neither https:// nor"},
        {HTTP CARRIER HALF "\nterms = \"javascript:x\" }\n", 3, "neither https:// nor"},
        {HTTP CARRIER HALF "\nterms = \"https://a/<b>\" }\n", 3, "written as %XX"},
        {HTTP CARRIER OPTIN "\ndisclosure = \"{brand}: text messages, no condition, rates, STOP {terms} {privacy}\" }\n", 3, "HELP"},
        {HTTP CARRIER OPTIN "\ndisclosure = \"{brand}: no condition, rates, STOP, HELP {terms} {privacy}\" }\n", 3, "(R9)"},
        {HTTP CARRIER OPTIN "\ndisclosure = \"{brand}: SMS, rates, STOP, HELP {terms} {privacy}\" }\n", 3, "no condition of a purchase"},
        {HTTP CARRIER OPTIN "\ndisclosure = \"{brand}: SMS, condition, rates, STOP, HELP {terms}\" }\n", 3, "privacy policy"},
        {HTTP CARRIER OPTIN "\ndisclosure_es = \"{brand}: SMS, condición, STOP, AYUDA {terms} {privacy}\" }\n", 3, "tarifas"},
        {HTTP CARRIER OPTIN "\ndisclosure_fr = \"{brand}: SMS, condition, frais, STOP {terms} {privacy}\" }\n", 3, "AIDE"},
        {HTTP CARRIER OPTIN "\ndisclosure = \"{brand} {nobody}\" }\n", 3, "no placeholder {nobody}"},
        {HTTP CARRIER OPTIN "\noptin_frames = { \"https://example.com/\" } }\n", 3, "is no origin"},
        {HTTP CARRIER OPTIN "\noptin_frames = { \"*\" } }\n", 3, "is no origin"},
        {HTTP CARRIER OPTIN "\noptin_products = { \"a\", \"a\" } }\n", 3, "twice"},
        {"http {\npublic_url = \"https://sms.example.com/form\" }\n", 2, "is no origin"},
    };
    all_refused(wrong, sizeof wrong / sizeof wrong[0]);
    accepted(HTTP CARRIER OPTIN "}\n");
    ck_assert_uint_eq(problems.count, 0);
    accepted("http { public_url = \"http://127.0.0.1:8080\" } " CARRIER OPTIN "}\n");
    ck_assert_uint_eq(problems.count, 0);
    accepted("http { public_url = \"http://127.0.0.1.example.com\" } " CARRIER OPTIN "}\n");
    ck_assert(has_problem(2, "can be read on its way"));
    accepted(CARRIER PROGRAM "disclosure = \"of a form that is closed\" }\n");
    ck_assert_uint_eq(problems.count, 0);
    accepted(HTTP CARRIER OPTIN "\n}\n");
    ck_assert_uint_eq(problems.count, 0);
    accepted(HTTP CARRIER PROGRAM "terms = \"https://example.com/t\" privacy = \"https://example.com/p\"\noptin = true }\n");
    ck_assert(has_problem(3, "without double_opt_in"));
    ck_assert(problems.at[0].is_warning);
}
END_TEST

START_TEST(tiers_name_carriers_and_their_weights)
{
    static const struct wrong wrong[] = {
        {WORLD "route \"r\" {\n carriers = { \"c=70, d\" } }\n", 4, "there is no carrier \"d\""},
        {WORLD "route \"r\" {\n carriers = { \"c\", \"c=2\" } }\n", 4, "\"c\" is named twice"},
        {WORLD "route \"r\" {\n carriers = { \"c=0\" } }\n", 4, "isn't a carrier and its weight"},
        {WORLD "route \"r\" {\n carriers = { \"c=-1\" } }\n", 4, "isn't a carrier and its weight"},
        {WORLD "route \"r\" {\n carriers = { \"c=\" } }\n", 4, "isn't a carrier and its weight"},
        {WORLD "route \"r\" {\n carriers = { \"c, \" } }\n", 4, "holds an empty name"},
        {WORLD "route \"r\" {\n carriers = { } }\n", 4, "carriers must not be empty"},
        {WORLD "route \"r\" {\n}\n", 3, "carriers is missing"},
    };
    ALL_REFUSED(wrong);
    accepted(WORLD "carrier \"d\" { host = \"h\" system_id = \"i\" }\n"
                   "carrier \"e\" { host = \"h\" system_id = \"i\" }\n"
                   "route \"r\" { carriers = { \"c=70,d=30\", \"e\" } }\n");
    const struct config_tiers *tiers = &config->routes[0].carriers;
    ck_assert_uint_eq(tiers->count, 3);
    ck_assert_str_eq(tiers->at[1].carrier, "d");
    ck_assert_double_eq(tiers->at[0].weight, 70);
    ck_assert_double_eq(tiers->at[1].weight, 30);
    ck_assert_double_eq(tiers->at[2].weight, 1);
    ck_assert_uint_eq(tiers->at[1].tier, 0);
    ck_assert_uint_eq(tiers->at[2].tier, 1);
}
END_TEST

START_TEST(routes_and_limits_name_what_there_is)
{
    static const struct wrong wrong[] = {
        {WORLD "route \"r\" { carriers = { \"c\" }\n programs = { \"q\" } }\n", 4, "there is no program \"q\""},
        {WORLD "route \"r\" { carriers = { \"c\" }\n senders = { \"999\" } }\n", 4, "there is no program's sender"},
        {WORLD "route \"r\" { carriers = { \"c\" }\n prefixes = { \"1206\" } }\n", 4, "isn't how a number begins"},
        {WORLD "http {\n cors_origins = { \"*\" } }\n", 4, "is no origin"},
        {WORLD "http {\n cors_origins = { \"crm.example.com\" } }\n", 4, "is no origin"},
        {WORLD "http {\n cors_origins = { \"https://crm.example.com/\" } }\n", 4, "is no origin"},
        {WORLD "http {\n cors_origins = { \"https://CRM.example.com\" } }\n", 4, "is no origin"},
        {WORLD "http {\n cors_origins = { \"null\" } }\n", 4, "is no origin"},
        {WORLD "http {\n cors_origins = { \"https://:80\" } }\n", 4, "is no origin"},
        {WORLD "route \"r\" { carriers = { \"c\" }\n hours = \"us\" }\n", 4, "a route has its own"},
        {WORLD "route \"r\" { carriers = { \"c\" } hours = \"08:00-09:00\"\n timezone = \"Mars/Base\" }\n", 4,
         "there is no time zone \"Mars/Base\""},
        {WORLD "sender \"+12065550100\" {\n campaign = \"C1\" }\n", 4, "there is no campaign \"C1\""},
        {WORLD "campaign \"C1\" {\n brand = \"B1\" }\n", 4, "there is no brand \"B1\""},
        {WORLD "brand \"B1\" {\n per_day = -1 }\n", 4, "isn't a whole number"},
    };
    ALL_REFUSED(wrong);
    accepted(WORLD "sender \"+12065550100\" { throughput = 0.1 campaign = \"C1\" }\n"
                   "campaign \"C1\" { brand = \"B1\" per_minute = 75 }\nbrand \"B1\" { per_day = 2000 }\n");
    ck_assert_str_eq(config->brands[0].timezone, "America/Los_Angeles");
    ck_assert_ptr_eq(config_campaign_find(config, "C1"), &config->campaigns[0]);
    ck_assert_ptr_null(config_brand_find(config, "B2"));
}
END_TEST

START_TEST(what_may_be_left_out_may_be_off)
{
    accepted("http { certificate = \"\" } " CARRIER PROGRAM
             "double_opt_in = no keyword_opt_in = off frequency_cap = false quiet_hours = off }\n"
             "carrier \"d\" { host = \"h\" system_id = \"i\" throughput = 0.0 tls = no verify = "
             "yes }\n");
}
END_TEST

#define RECEIVER "account \"a\" { api_key = k roles = {\"admin\"}\n"

START_TEST(a_receiver_of_events_is_one_that_can_be_posted_to)
{
    static const struct wrong wrong[] = {
        {RECEIVER "callback_secret = s callback_url = \"ftp://x\" }\n", 2, "neither https:// nor http://"},
        {RECEIVER "callback_secret = s callback_url = \"https://\" }\n", 2, "no host"},
        {RECEIVER "callback_secret = s callback_url = \"http://x\" }\n", 2, "plain_http"},
        {RECEIVER "callback_secret_old = s }\n", 2, "no callback_secret"},
        {RECEIVER "callback_secret = \"whsec_a!b\" }\n", 2, "no base64"},
        {RECEIVER "callback_secret = s callback_secret_old = \"whsec_\" }\n", 2, "no base64"},
        {"callbacks { allow = { \"10.0.0.0/8\", \"10.0.0.1/8\" } }\n", 1, "10.0.0.1/8"},
        {"callbacks { ca_file = \"/nowhere/ca.pem\" }\n", 1, "/nowhere/ca.pem"},
        {"callbacks { timeout = \"2m\" }\n", 1, "timeout"},
    };
    ALL_REFUSED(wrong);
    accepted("callbacks { plain_http = true allow = { \"10.0.0.0/8\", \"::1\" } timeout = \"5s\" }\n" RECEIVER
             "callback_url = \"http://10.1.2.3:8080/x?y=z\" callback_secret = \"whsec_AAAA\" }\n");
    ck_assert_int_eq(config->callbacks.timeout_ms, 5000);
    ck_assert_int_eq(config->accounts[0].callback_parallel, 8);
}
END_TEST

START_TEST(hours_are_the_programs_own_or_follow_from_its_purpose)
{
    static const struct {
        const char *keys;
        enum config_hours_kind kind;
        int from, to;
    } rows[] = {
        {"quiet_hours = \"us\"", CONFIG_HOURS_US, 0, 0},
        {"quiet_hours = \"off\"", CONFIG_HOURS_OFF, 0, 0},
        {"quiet_hours = \"09:30-20:00\"", CONFIG_HOURS_OWN, 570, 1200},
        {"quiet_hours = \"00:00-24:00\"", CONFIG_HOURS_OWN, 0, 1440},
        {"purpose = \"informational\"", CONFIG_HOURS_OFF, 0, 0},
        {"purpose = \"informational\" quiet_hours = \"us\"", CONFIG_HOURS_US, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, CARRIER PROGRAM "%s }\n", rows[i].keys);
        accepted(text);
        const struct config_hours *hours = &config_program_find(config, "p")->quiet_hours;
        ck_assert_int_eq(hours->kind, rows[i].kind);
        ck_assert_int_eq(hours->from, rows[i].from);
        ck_assert_int_eq(hours->to, rows[i].to);
    }
}
END_TEST

START_TEST(hours_need_the_systems_time_zones)
{
    setenv("TZDIR", "/nonexistent", 1);
    refused(CARRIER PROGRAM "\nquiet_hours = \"us\" }\n", 3, "install tzdata");
    accepted(CARRIER PROGRAM "quiet_hours = \"off\" }\n");
    unsetenv("TZDIR");
}
END_TEST

START_TEST(hours_that_are_odd_are_warned_of)
{
    accepted(CARRIER PROGRAM "\nquiet_hours = \"07:00-20:00\" }\n");
    ck_assert(has_problem(3, "R90"));
    accepted(CARRIER PROGRAM "\ncountries = { \"US\", \"GB\" } }\n");
    ck_assert(has_problem(3, "nothing goes to GB"));
    accepted(CARRIER PROGRAM "countries = { \"US\", \"JM\" } quiet_hours = \"08:00-21:00\" }\n");
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(how_texts_are_written_must_be_possible)
{
#define NARROW(key) "carrier \"c\" { host = \"h\" system_id = \"me\" " key " }\n" PROGRAM
    static const struct wrong wrong[] = {
        {CARRIER PROGRAM "\nnational_tables = { \"turkish\",\n\"klingon\" } }\n", 4,
         "no national table \"klingon\""},
        {NARROW("data_coding_0 = \"latin1\"") "\nnational_tables = { \"turkish\" } }\n", 3,
         "carrier c, whose data_coding_0 is not GSM 03.38"},
        {NARROW("long_messages = \"sar\"") "\nnational_tables = { \"turkish\" } }\n", 3,
         "carrier c has none by its long_messages"},
        {NARROW("long_messages = \"payload\"") "\nnational_tables = { \"turkish\" } }\n", 3,
         "header in every part"},
        {WORLD "carrier \"d\" { host = \"h\" system_id = \"i\" data_coding_0 = \"gsm7_packed\"\n"
               "long_messages = \"payload\" }\n",
         4, "exclude each other"},
        {WORLD "carrier \"d\" { host = \"h\" system_id = \"i\"\ndata_coding_0 = \"utf8\" }\n", 4,
         "data_coding_0"},
        {WORLD "carrier \"d\" { host = \"h\" system_id = \"i\"\nlong_messages = \"cut\" }\n", 4,
         "long_messages"},
        {NARROW("data_coding_0 = \"ascii\"") "\nstop = \"{brand}: Olé! You are out and will get no more "
                                               "messages of {scope}. Questions: {support}\" }\n",
         3, "one part holds 70 (R55)"},
    };
    ALL_REFUSED(wrong);
    accepted(NARROW("long_messages = \"udh16\" data_coding_0 = \"gsm7_packed\"")
             "national_tables = { \"turkish\", \"spanish\" } substitute = true }\n");
    ck_assert_uint_eq(config_program_find(config, "p")->national_tables.count, 2);
    ck_assert(config_program_find(config, "p")->substitute);
#undef NARROW
}
END_TEST

START_TEST(a_throughput_may_be_a_fraction)
{
    accepted("carrier \"d\" { host = \"h\" system_id = \"i\" throughput = 0.5 }\n");
    ck_assert_double_eq(config_carrier_find(config, "d")->throughput, 0.5);
}
END_TEST

START_TEST(files_of_tls_are_read_at_load_and_named_where_they_are_no_use)
{
    static const struct wrong wrong[] = {
        {"http {\n certificate = \"c.pem\" }\n", 2,
         "http: it has a certificate and no private_key"},
        {"smpp {\n private_key = \"k.pem\" }\n", 2,
         "smpp: it has a private_key and no certificate"},
        {"http {\n certificate = \"/nowhere/c.pem\"\n private_key = \"/nowhere/k.pem\" }\n", 2,
         "certificate: /nowhere/c.pem can't be read: No such file"},
        {"smpp {\n certificate = \"Makefile\"\n private_key = \"Makefile\" }\n", 2,
         "Makefile holds no certificate"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\" tls = yes\n"
         "ca_file = \"/nowhere/a.pem\" }\n",
         2, "ca_file: /nowhere/a.pem can't be read"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\" tls = yes\nprivate_key = \"k.pem\" }\n", 2,
         "no certificate"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\"\nca_file = \"a.pem\" }\n", 2,
         "ca_file means nothing without tls = true"},
        {"carrier \"d\" { host = \"h\" system_id = \"i\" tls = no\ncertificate = \"a.pem\" }\n", 2,
         "certificate means nothing without tls = true"},
    };
    ALL_REFUSED(wrong);
    accepted("carrier \"d\" { host = \"h\" system_id = \"i\" tls = yes\nverify = no }\n");
    ck_assert(config_carrier_find(config, "d")->tls && !config_carrier_find(config, "d")->verify);
    ck_assert(has_problem(2, "not verified"));
}
END_TEST

START_TEST(a_name_of_something_else_must_exist)
{
    static const struct wrong wrong[] = {
        {CARRIER "program \"p\" { brand = \"b\" support = \"s\" senders = { \"24365\" }\n"
                 "carriers = { \"c\",\n\"d\" } }\n",
         4, "no carrier \"d\""},
        {WORLD "account \"a\" { api_key = k\n programs = { \"p\", \"q\" } }\n", 4,
         "no program \"q\""},
        {WORLD "\nsender \"+12065550199\" { }\n", 4, "belongs to no program"},
        {WORLD "program \"q\" { brand = \"b\" support = \"s\" carriers = { \"c\" }\n"
               "senders = { \"24365\",\n \"+12065550100\" } }\n",
         5, "belongs to program p already"},
        {WORLD "account \"a\" { api_key = k programs = { \"p\" }\n inbound = { \"24365\" } }\n", 4,
         "inbound"},
        {WORLD "account \"a\" { api_key = k roles = { \"admin\" }\n"
               " inbound = { \"+12065550100\" } }\n",
         4, "inbound"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(an_account_can_be_told_from_every_other)
{
    static const struct wrong wrong[] = {
        {"\naccount \"a\" { roles = { \"admin\" } }\n", 2, "neither api_key nor system_id"},
        {"account \"a\" { roles = { \"admin\" }\n system_id = i }\n", 2, "no password"},
        {"account \"a\" { roles = { \"admin\" } api_key = k\n password = i }\n", 2, "no system_id"},
        {"account \"a\" { roles = { \"admin\" } api_key = k }\n"
         "account \"b\" { roles = { \"admin\" }\n api_key = k }\n",
         3, "also that of account a"},
        {"account \"a\" { roles = { \"admin\" } system_id = i password = p }\n"
         "account \"b\" { roles = { \"admin\" }\n system_id = i password = p }\n",
         3, "also that of account a"},
        {"account \"a\" { roles = { \"admin\" } password = p\n"
         " system_id = \"sixteen-octets-x\" }\n",
         2, "system_id"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(a_long_password_and_an_idle_account_are_warnings)
{
    accepted("carrier \"c\" { host = \"h\" system_id = \"i\"\n password = \"nine-octs\" }\n"
             "account \"a\" {\n system_id = i\n password = \"nine-octs\" }\n");
    ck_assert_uint_eq(problems.count, 3);
    ck_assert(has_problem(2, "8 octets"));
    ck_assert(has_problem(3, "no program"));
    ck_assert(has_problem(5, "8 octets"));
    ck_assert(problems.at[0].is_warning);
    ck_assert_str_eq(config->carriers[0].password, "nine-octs");
}
END_TEST

START_TEST(a_key_is_kept_as_its_sha256_only)
{
    /* FIPS 180-4: SHA-256 of "abc". */
    static const char hex[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    char text[512];
    snprintf(
        text, sizeof text,
        "account \"a\" { roles = { \"admin\" } api_key = \"abc\" system_id = i password = pw }\n"
        "account \"b\" { roles = { \"admin\" } api_key = \"sha256:%064d\" }\n",
        0);
    accepted(text);
    uint8_t digest[32];
    ck_assert(octets_from_hex(octets_text(hex), digest));
    const struct config_account *account = &config->accounts[0];
    ck_assert_mem_eq(account->api_key.octets, digest, sizeof digest);
    ck_assert(config_digest_matches(&account->api_key, octets_text("abc")));
    ck_assert(!config_digest_matches(&account->api_key, octets_text("abd")));
    ck_assert(config_digest_matches(&account->password, octets_text("pw")));
    ck_assert(!config_digest_matches(&config->accounts[1].password, octets_text("")));

    snprintf(text, sizeof text,
             "account \"a\" { roles = { \"admin\" } api_key = \"abc\" }\n"
             "account \"b\" { roles = { \"admin\" } api_key = \"sha256:%s\" }\n",
             hex);
    refused(text, 2, "also that of account a");
    refused("account \"b\" { roles = { \"admin\" } api_key = \"sha256:12\" }\n", 1, "64");
}
END_TEST

START_TEST(a_variable_that_is_unset_or_empty_is_refused)
{
    static const struct wrong wrong[] = {
        {"\ndatabase = \"${ASSENT_TEST_UNSET}\"\n", 2, "${ASSENT_TEST_UNSET} is not set"},
        {"\ndatabase = ${ASSENT_TEST_UNSET}\n", 2, "${ASSENT_TEST_UNSET} is not set"},
        {"database = \"x${ASSENT_TEST_EMPTY}\"\n", 1, "${ASSENT_TEST_EMPTY} is empty"},
        {"database = \"x${ASSENT_TEST_EMPTY:-y}\"\n", 1, "${ASSENT_TEST_EMPTY} is empty"},
        {"database = \"x${ASSENT_TEST_UNSET:-}\"\n", 1, "${ASSENT_TEST_UNSET} is empty"},
        {"database = \"${not closed\"\n", 1, "${NAME}"},
        {"account \"a\" { roles = { \"admin\" }\napi_key = \"${ASSENT_TEST_UNSET}\" }\n", 2,
         "not set"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(a_variable_gives_its_value)
{
    accepted("# ${ASSENT_TEST_UNSET}\n/* ${ASSENT_TEST_UNSET}\n*/\n"
             "database = \"${ASSENT_TEST_UNSET:-a.db}\"\n"
             "carrier \"c\" { host = 'x${ASSENT_TEST_UNSET}'\n system_id = \"\\${x}\"\n"
             " password = \"${ASSENT_TEST_SECRET}\" }\n"
             "carrier \"d\" { host = h system_id = s password = ${ASSENT_TEST_SECRET} }\n");
    ck_assert_str_eq(config->database, "a.db");
    ck_assert_str_eq(config->carriers[0].host, "x${ASSENT_TEST_UNSET}");
    ck_assert_str_eq(config->carriers[0].system_id, "${x}");
    ck_assert_str_eq(config->carriers[0].password, "hunter2");
    ck_assert_str_eq(config->carriers[1].password, "hunter2");
}
END_TEST

START_TEST(no_problem_tells_a_secret)
{
    static const char *const wrong[] = {
        "carrier \"c\" { host = h system_id = i password = hunter2 hunter2 }\n",
        "carrier \"c\" { host = h system_id = i password = hunter2 \"hunter2\" = 1 }\n",
        "carrier \"c\" { host = h system_id = i password = { hunter2, hunter2 } }\n",
        "carrier \"c\" { host = h system_id = i password = \"hunter2\\n\" }\n",
        "carrier \"c\" { host = h system_id = i pasword = hunter2 hunter2 }\n",
        "carrier \"c\" { host = h system_id = i port = 1 password hunter2 }\n",
        "account \"a\" { api_key = \"sha256:hunter2\" }\n",
        "account \"a\" { api_key = \"hunter2\" api_key = \"hunter2\" }\n",
        "account \"a\" { api_key = \"k\" callback_secret = { \"hunter2\" } }\n",
        "account \"a\" { api_key = \"k\" callback_secret = \"whsec_hunter2\" }\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        load(wrong[i]);
        ck_assert_ptr_null(config);
        for (size_t n = 0; n < problems.count; n++)
            ck_assert_ptr_null(strstr(problems.at[n].text, "hunter2"));
    }
}
END_TEST

START_TEST(an_included_file_is_read_and_named)
{
    char more[sizeof directory + 8];
    snprintf(more, sizeof more, "%s/d", directory);
    ck_assert_int_eq(mkdir(more, 0700), 0);
    file_write("d/one.conf", "\ncarrier \"c\" { host = \"h\" system_id = \"i\" }\n"
                             "include(\"two.inc\")\n");
    file_write("d/two.inc", "database = \"two.db\"\n");
    file_write("d/three.conf", "carrier \"e\" { host = \"h\" system_id = \"i\" }\n");
    accepted("include(\"d/*.conf\")\ninclude(\"none/*.conf\")\n" PROGRAM "}\n");
    ck_assert_uint_eq(config->carrier_count, 2);
    ck_assert_str_eq(config->database, "two.db");

    file_write("d/three.conf", "\n\ncarrier \"c\" { host = \"h\" system_id = \"i\" port = 0 }\n");
    load("include(\"d/*.conf\")\ndatabase = \"one.db\"\n");
    ck_assert(has_problem_in("d/three.conf", 3, "given twice") ||
              has_problem_in("d/one.conf", 2, "given twice"));
    ck_assert(has_problem_in("d/two.inc", 1, "given twice"));

    file_write("d/three.conf", "\nwindows = 1\n");
    load("include(\"d/*.conf\")\n");
    ck_assert(has_problem_in("d/three.conf", 2, "windows"));

    refused("\ninclude(\"d/missing.conf\")\n", 2, "missing.conf");
    file_write("d/two.inc", "\ninclude(\"../main.conf\")\n");
    load("include(\"d/two.inc\")\n");
    ck_assert(has_problem_in("d/two.inc", 2, "included twice"));
    file_remove("d/one.conf");
    file_remove("d/two.inc");
    file_remove("d/three.conf");
    rmdir(more);
}
END_TEST

/* What a file says of its database, or why it says nothing. */
static void names_database(const char *text, const char *expected)
{
    char why[CONFIG_DATABASE_WHY] = "";
    file_write("main.conf", text);
    char *found = config_database(path, why);
    ck_assert_msg(strstr(found != NULL ? found : why, expected) != NULL && (found != NULL) == (strchr(expected, ' ') == NULL),
                  "%s: %s%s", text, found != NULL ? found : "", why);
    free(found);
}

START_TEST(the_database_is_known_whatever_else_of_the_file_is_missing)
{
    names_database("", "assent.db");
    names_database("database = \"a.db\"\naccount \"crm\" { api_key = \"${ASSENT_TEST_UNSET}\" }\nnonsense = 3\n", "a.db");
    names_database("account \"crm\" { api_key = \"${ASSENT_TEST_UNSET}\" }\ndatabase = \"${ASSENT_TEST_SECRET}.db\"\n", "hunter2.db");
    names_database("database = \"a.db\"\ninclude(\"none.conf\")\n", "a.db");
    names_database("include(\"none.conf\")\n", "main.conf:1: can't read");
    names_database("\ndatabase = \"${ASSENT_TEST_UNSET}/a.db\"\n", "main.conf:2: ${ASSENT_TEST_UNSET} is not set");
    names_database("database = \"a.db\"\ndatabase = \"b.db\"\n", "main.conf:2: database is given twice");
    names_database("database = \"\"\n", "main.conf:1: database ");
    names_database("http {\n", "main.conf:1: the brace that opens here is never closed");
    names_database("http { listen = \"127.0.0.1:1\"\ndatabase = \"a.db\"\n}\n", "main.conf:2: http has no setting");
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_a_problem)
{
    accepted("");
    config_free(config);
    config_problems_wipe(&problems);
    config = config_load("/nonexistent/assent.conf", &problems);
    ck_assert_ptr_null(config);
    ck_assert_uint_eq(problems.count, 1);
    config_problems_wipe(&problems);
    config = config_load("/tmp", &problems);
    ck_assert_ptr_null(config);
    ck_assert_uint_eq(problems.count, 1);
}
END_TEST

START_TEST(the_default_texts_say_what_carriers_demand)
{
    accepted(WORLD);
    ck_assert_uint_eq(problems.count, 0);
    const struct config_program *program = &config->programs[0];
    char *confirmation = config_template(program, program->confirmation, CONFIG_ENGLISH);
    ck_assert_str_eq(confirmation,
                     "Brand: You're opted in to recurring texts. Msg frequency varies. Msg & data "
                     "rates may apply. Reply HELP for help, STOP to cancel.");
    char *help = config_template(program, program->help, CONFIG_ENGLISH);
    ck_assert_str_eq(help, "Brand: For help contact help@example.com. Msg frequency varies. Msg & "
                           "data rates may apply. Reply STOP to cancel.");
    char *stop = config_template(program, program->stop, CONFIG_ENGLISH);
    ck_assert_str_eq(stop, "Brand: You're unsubscribed and will get no more messages from Brand. "
                           "Questions: help@example.com");
    char *not_eligible = config_template(program, config_not_eligible[CONFIG_ENGLISH], CONFIG_ENGLISH);
    ck_assert_ptr_nonnull(strstr(not_eligible, "Brand"));
    ck_assert_ptr_nonnull(strstr(not_eligible, "help@example.com"));
    free(confirmation);
    free(help);
    free(stop);
    free(not_eligible);
}
END_TEST

START_TEST(every_placeholder_gets_its_value)
{
    accepted(CARRIER PROGRAM
             "owner = \"Owner\" terms = \"T\" privacy = \"P\" frequency = \"4/month\"\n"
             "opt_out_scope = \"program\" }\n");
    char *text =
        config_template(&config->programs[0],
                        "{brand}|{owner}|{support}|{frequency}|{terms}|{privacy}|{scope}} {brand}",
                        CONFIG_ENGLISH);
    ck_assert_str_eq(text,
                     "Brand|Owner|help@example.com|Up to 4 msgs/month|T|P|this program} Brand");
    free(text);
    accepted(CARRIER PROGRAM
             "owner = \"Owner\" opt_out_scope = \"owner\" frequency = \"1/day\" }\n");
    text = config_template(&config->programs[0], "{scope} {frequency}", CONFIG_ENGLISH);
    ck_assert_str_eq(text, "Owner Up to 1 msg/day");
    free(text);
    text = config_template(&config->programs[0], "{scope} {frequency}", CONFIG_SPANISH);
    ck_assert_str_eq(text, "Owner Hasta 1 mensaje/dia");
    free(text);
    accepted(CARRIER PROGRAM "owner = \"Owner\" opt_out_scope = \"brand\" }\n");
    text = config_template(&config->programs[0], "{scope}", CONFIG_ENGLISH);
    ck_assert_str_eq(text, "Brand");
    free(text);
    accepted(CARRIER PROGRAM "opt_out_scope = \"program\" }\n");
    text = config_template(&config->programs[0], "{scope}: {frequency}", CONFIG_FRENCH);
    ck_assert_str_eq(text, "ce programme: Fréquence variable");
    free(text);
}
END_TEST

START_TEST(a_language_is_the_first_part_of_its_tag)
{
    ck_assert_int_eq(config_language_of("es"), CONFIG_SPANISH);
    ck_assert_int_eq(config_language_of("ES-mx"), CONFIG_SPANISH);
    ck_assert_int_eq(config_language_of("fr-CA"), CONFIG_FRENCH);
    ck_assert_int_eq(config_language_of("est"), CONFIG_ENGLISH);
    ck_assert_int_eq(config_language_of("pt"), CONFIG_ENGLISH);
    ck_assert_int_eq(config_language_of("f"), CONFIG_ENGLISH);
    ck_assert_int_eq(config_language_of(""), CONFIG_ENGLISH);
}
END_TEST

#define SAYS(key, text) CARRIER PROGRAM "\n" key " = \"" text "\" }\n"
#define FIFTY           "12345678901234567890123456789012345678901234567890"

START_TEST(a_text_that_carriers_would_refuse_is_refused)
{
    static const struct wrong wrong[] = {
        {SAYS("confirmation", "{brand} HELP STOP rates {name}"), 3, "{name}"},
        {SAYS("help", "{brand STOP {support} rates"), 3, "{brand"},
        {SAYS("confirmation", "HELP STOP rates"), 3, "\"Brand\" (R31, R32)"},
        {SAYS("confirmation", "{brand} STOP rates"), 3, "\"HELP\""},
        {SAYS("confirmation", "{brand} HELP rates"), 3, "\"STOP\""},
        {SAYS("help", "{support} STOP rates"), 3, "R60"},
        {SAYS("help", "{brand} {support} rates"), 3, "\"STOP\""},
        {SAYS("stop", "Bye. {support}"), 3, "R54"},
        {SAYS("stop", "Brand {support} " FIFTY FIFTY FIFTY), 3, "R55"},
        /* 5 + 16 + 1 + 138 septets fit, 139 don't; [ counts twice (3GPP 23.038, 6.2.1.1). */
        {SAYS("stop",
              "Brandhelp@example.com " FIFTY FIFTY "1234567890123456789012345678901234567["),
         3, "161"},
        /* Outside of GSM 03.38 a part holds 70. */
        {SAYS("stop", "Brandhelp@example.com ч" FIFTY), 3, "holds 70"},
        {SAYS("stop", ""), 3, "empty"},
    };
    ALL_REFUSED(wrong);
    accepted(SAYS("stop",
                  "Brandhelp@example.com " FIFTY FIFTY "12345678901234567890123456789012345678"));
    accepted(SAYS("help", "{brand} help {support} stop ч"));
    ck_assert_uint_eq(problems.count, 2);
    ck_assert(has_problem(3, "GSM 03.38"));
    ck_assert(has_problem(3, "\"rates\""));
}
END_TEST

START_TEST(a_text_is_measured_as_it_goes_out)
{
    struct template_measure measure = template_measure("Gr\u00fc\u00dfe {\u20ac}\n");
    ck_assert(measure.is_gsm);
    ck_assert_uint_eq(measure.used, 13);
    ck_assert_uint_eq(measure.room, 160);
    measure = template_measure("\U0001f600 `");
    ck_assert(!measure.is_gsm);
    ck_assert_uint_eq(measure.used, 4);
    ck_assert_uint_eq(measure.room, 70);
}
END_TEST

START_TEST(a_sender_is_what_its_section_says_or_what_it_looks_like)
{
    accepted(CARRIER
             "program \"p\" { brand = b support = s carriers = { \"c\" }\n"
             "senders = { \"+12065550100\", \"+12065550101\", \"+18885550100\", \"24365\",\n"
             " \"Brand\" } }\n"
             "sender \"+12065550101\" { kind = \"toll_free\" }\n"
             "sender \"+12065550100\" { }\n");
    ck_assert_int_eq(config_sender_kind(config, "+12065550100"), CONFIG_KIND_10DLC);
    ck_assert_int_eq(config_sender_kind(config, "+12065550101"), CONFIG_KIND_TOLL_FREE);
    ck_assert_int_eq(config_sender_kind(config, "+18885550100"), CONFIG_KIND_TOLL_FREE);
    ck_assert_int_eq(config_sender_kind(config, "24365"), CONFIG_KIND_SHORT_CODE);
    ck_assert_int_eq(config_sender_kind(config, "Brand"), CONFIG_KIND_ALPHANUMERIC);
}
END_TEST

/* The tests run in the root of the project. */
static char *example_read(void)
{
    FILE *file = fopen("conf/assent.conf", "r");
    ck_assert_ptr_nonnull(file);
    char *text = calloc(1, 65536);
    ck_assert_uint_lt(fread(text, 1, 65535, file), 65535);
    fclose(file);
    return text;
}

START_TEST(the_example_loads_without_a_word)
{
    config = config_load("conf/assent.conf", &problems);
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_ptr_nonnull(config);
    ck_assert_uint_eq(config->carrier_count, 1);
    ck_assert_uint_eq(config->account_count, 3);
    ck_assert_str_eq(config->carriers[0].system_id, "assent");
    ck_assert_str_eq(config->carriers[0].password, "secret");
    const struct config_account *account = config_account_find(config, "campaigns");
    ck_assert_str_eq(account->system_id, "campaigns");
    ck_assert_uint_eq(account->roles, CONFIG_ROLE_SENDER | CONFIG_ROLE_CONSENT);
}
END_TEST

/* "key =" as a word of its own, between here and `end`. */
static bool is_named(const char *from, const char *end, const char *key)
{
    char words[80];
    snprintf(words, sizeof words, " %s = ", key);
    const char *found = strstr(from, words);
    if (found == NULL || found >= end)
        words[0] = '\n', found = strstr(from, words);
    return found != NULL && found < end;
}

START_TEST(the_example_names_every_key)
{
    char *text = example_read();
    for (size_t i = 0; i < setting_count; i++) {
        char head[80];
        const struct section_row *row = &section_rows[settings[i].section];
        bool is_top = settings[i].section == SECTION_top;
        snprintf(head, sizeof head, "\n%s %s", row->name, row->title[0] == '\0' ? "{" : "\"");
        const char *begin = is_top ? text : strstr(text, head);
        ck_assert_msg(begin != NULL, "no section %s", row->name);
        const char *end = strstr(begin, is_top ? "\nhttp {" : "\n}");
        ck_assert_ptr_nonnull(end);
        ck_assert_msg(is_named(begin, end, settings[i].key), "%s: %s is not in conf/assent.conf",
                      row->name, settings[i].key);
    }
    free(text);
}
END_TEST

/* What the example shows in a comment is the default: loading it with all of them active changes
 * nothing, and is refused nowhere. */
/* Loads both, one after the other; the caller frees the first. */
static struct config *load_two(const char *first, const char *second)
{
    accepted(first);
    struct config *kept = config;
    config = NULL;
    accepted(second);
    return kept;
}

START_TEST(a_running_gateway_follows_all_but_the_database_and_where_it_listens)
{
    static const char *const others[][2] = {
        {"database = \"other.db\"\n" WORLD, "database"},
        {"http { listen = \"127.0.0.1:8081\" }\n" WORLD, "http: listen"},
        {"smpp { listen = \"127.0.0.2:2776\" }\n" WORLD, "smpp: listen"},
        {"default_country = \"CA\"\nlog_level = debug\n" WORLD
         "carrier \"d\" { host = \"h\" system_id = \"me\" }\n", NULL},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct config *before = load_two(WORLD, others[i][0]);
        ck_assert_pstr_eq(config_needs_restart(before, config), others[i][1]);
        config_free(before);
    }
}
END_TEST

START_TEST(what_a_carrier_was_bound_with_must_be_the_same_for_its_binds_to_go_on)
{
    static const struct {
        const char *settings;
        bool are_alike;
    } rows[] = {
        {"", true},
        {"binds = 3 window = 5 throughput = 1.5 enquire_link = 5 response_timeout = 5", true},
        {"country = \"CA\"", true},
        {"port = 2776", false},
        {"password = \"other\"", false},
        {"system_type = \"SMPP\"", false},
        {"bind = \"receiver\"", false},
        {"tls = true", false},
    };
    char second[200];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(second, sizeof second,
                 "carrier \"c\" { host = \"h\" system_id = \"me\" %s }\n", rows[i].settings);
        struct config *before = load_two(CARRIER, second);
        ck_assert_msg(config_carrier_binds_alike(&before->carriers[0], &config->carriers[0]) ==
                          rows[i].are_alike,
                      "%s", rows[i].settings);
        config_free(before);
    }
}
END_TEST

START_TEST(a_copy_of_a_carrier_outlives_its_config)
{
    accepted("carrier \"c\" { host = \"h\" system_id = \"me\" password = \"s\" window = 7 }\n");
    struct config_carrier *copy = config_carrier_copy(&config->carriers[0]);
    ck_assert(config_carrier_binds_alike(copy, &config->carriers[0]));
    config_free(config);
    config = NULL;
    ck_assert_str_eq(copy->name, "c");
    ck_assert_str_eq(copy->password, "s");
    ck_assert_int_eq(copy->window, 7);
    config_carrier_free(copy);
}
END_TEST

START_TEST(what_the_example_shows_in_comments_is_the_default)
{
    char *text = example_read();
    for (char *line = text; (line = strchr(line, '\n')) != NULL;) {
        line++;
        size_t indent = strspn(line, " ");
        if (indent == 4 && line[4] == '#' && strstr(line, " = ") != NULL &&
            strstr(line, " = ") < line + strcspn(line, "\n") && line[6] >= 'a' && line[6] <= 'z')
            line[4] = ' ';
    }
    accepted(text);
    free(text);
    ck_assert_uint_eq(problems.count, 0);
    struct config *active = config;
    config = config_load("conf/assent.conf", &problems);
    ck_assert_str_eq(active->programs[0].confirmation, config->programs[0].confirmation);
    ck_assert_str_eq(active->programs[0].help, config->programs[0].help);
    ck_assert_str_eq(active->programs[0].stop, config->programs[0].stop);
    ck_assert_int_eq(active->carriers[0].window, config->carriers[0].window);
    ck_assert_int_eq(active->carriers[0].enquire_link_s, config->carriers[0].enquire_link_s);
    config_free(active);
}
END_TEST

#define KEYWORD(words) WORLD "keyword \"hours\" {\nprograms = { \"p\" } reply = \"{brand}: 9 to 5. STOP ends.\"\n" words "}\n"

START_TEST(a_keyword_takes_no_word_that_means_something_already)
{
    static const struct wrong wrong[] = {
        {KEYWORD("words = { \"OPEN\",\n\"stop\" }"), 6, "\"stop\" can't be a keyword: it means something already (opt_out)"},
        {KEYWORD("words = { \"S.T.O.P\" }"), 5, "(opt_out)"},
        {KEYWORD("words = { \"stpo\" }"), 5, "(opt_out)"},
        {KEYWORD("words = { \"remove me\" }"), 5, "(opt_out)"},
        {KEYWORD("words = { \"INFO\" }"), 5, "(help)"},
        {KEYWORD("words = { \"Join\" }"), 5, "(opt_in)"},
        {KEYWORD("words = { \"no\" }"), 5, "(review)"},
        {KEYWORD("words = { \"Y\" }"), 5, "(the answer to a question)"},
        {KEYWORD("words = { \"OPEN\" }\nwords_fr = { \"Arrêt\" }\nreply_fr = \"{brand}: STOP.\"\n"), 6,
         "(opt_out)"},
        {KEYWORD("words = { \"OPEN\" }\nwords_es = { \"sí\" }\nreply_es = \"{brand}: STOP.\"\n"), 6,
         "(the answer to a question)"},
        {KEYWORD("words = { \"退订\" }"), 5, "(opt_out)"},
        {KEYWORD("words = { \"?!\" }"), 5, "has no word in it"},
    };
    ALL_REFUSED(wrong);
}
END_TEST

START_TEST(a_keyword_is_whole_and_says_one_thing)
{
    static const struct wrong wrong[] = {
        {KEYWORD("words = { \"OPEN\",\n\"ópen!\" }"), 6, "among its words twice"},
        {KEYWORD("words = { }"), 5, "words must not be empty"},
        {KEYWORD("words = { \"OPEN\" }\nwords_es = { \"ABIERTO\" }"), 6, "it has words_es and no reply_es"},
        {KEYWORD("words = { \"OPEN\" }\nreply_fr = \"{brand}: STOP.\""), 6, "it has reply_fr and no words_fr"},
        {WORLD "keyword \"k\" { programs = { \"p\" } words = { \"OPEN\" }\nreply = \"STOP ends.\" }\n", 4,
         "reply doesn't say \"Brand\""},
        {WORLD "keyword \"k\" {\nprograms = { \"q\" } words = { \"OPEN\" } reply = \"STOP ends.\" }\n", 4, "no program \"q\""},
        {KEYWORD("words = { \"OPEN\" }") "keyword \"k\" { programs = { \"p\" } reply = \"{brand}: STOP.\"\n"
                                        "words = { \"HI\", \"Open\" } }\n",
         7, "\"Open\" is a word of keyword hours already, in the same program"},
    };
    ALL_REFUSED(wrong);
    accepted(KEYWORD("words = { \"OPEN\", \"office hours\" } strangers = true\n"));
    ck_assert_uint_eq(config->keyword_count, 1);
    ck_assert(config->keywords[0].strangers);
    ck_assert_uint_eq(config->keywords[0].words.count, 2);
    accepted(WORLD "keyword \"k\" { programs = { \"p\" } words = { \"OPEN\" }\nreply = \"{brand}: 9 to 5.\" }\n");
    ck_assert(has_problem(4, "reply doesn't say \"STOP\" (R51)"));
}
END_TEST

/* Beyond GSM 03.38 a part holds 67 characters, not 153. */
START_TEST(a_text_of_more_parts_than_a_message_has_is_refused)
{
    char text[3000], many[901];
    memset(many, 'a', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    snprintf(text, sizeof text, KEYWORD("words = { \"OPEN\" }\nwords_fr = { \"OUVERT\" }\nreply_fr = \"{brand} STOP %s\""), many);
    accepted(text);
    snprintf(text, sizeof text, KEYWORD("words = { \"OPEN\" }\nwords_fr = { \"OUVERT\" }\nreply_fr = \"{brand} STOP 日%s\""), many);
    refused(text, 7, "more than 10 parts hold (F245)");
    snprintf(text, sizeof text, CARRIER PROGRAM "\nhelp = \"{brand} STOP 日%s\" }\n", many);
    refused(text, 3, "more than 10 parts hold (F245)");
}
END_TEST

START_TEST(the_words_that_part_inbound_texts_are_single_ones)
{
    static const struct wrong wrong[] = {
        {WORLD "account \"a\" { api_key = k programs = { \"p\" }\n inbound_words = { \"two words\" } }\n", 4,
         "\"two words\" is not one word"},
        {WORLD "account \"a\" { api_key = k programs = { \"p\" }\n inbound_words = { \"OK\",\n\"...\" } }\n", 5,
         "\"...\" is not one word"},
    };
    ALL_REFUSED(wrong);
    accepted(WORLD "account \"a\" { api_key = k programs = { \"p\" }\n inbound_words = { \"*\", \"Info\" } }\n");
}
END_TEST

START_TEST(the_reference_has_every_key)
{
    char *text = config_reference();
    for (size_t i = 0; i < setting_count; i++) {
        char row[80];
        snprintf(row, sizeof row, "| `%s` | ", settings[i].key);
        ck_assert_ptr_nonnull(strstr(text, row));
    }
    free(text);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("config");
    TCase *cases = tcase_create("config");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, what_is_left_out_has_its_default);
    tcase_add_test(cases, what_is_said_is_read);
    tcase_add_test(cases, an_unknown_key_is_refused_at_its_line);
    tcase_add_test(cases, all_that_is_wrong_is_told_at_once_in_order);
    tcase_add_test(cases, a_key_given_twice_is_refused);
    tcase_add_test(cases, a_title_given_twice_is_refused);
    tcase_add_test(cases, broken_syntax_is_refused_at_its_line);
    tcase_add_test(cases, comments_move_no_line);
    tcase_add_test(cases, a_value_out_of_its_bounds_is_refused);
    tcase_add_test(cases, a_sender_is_a_number_with_its_plus_a_short_code_or_a_name);
    tcase_add_test(cases, tlvs_are_known_by_name_to_a_carrier_and_fit);
    tcase_add_test(cases, a_required_tlv_that_a_program_does_not_give_is_told);
    tcase_add_test(cases, a_required_key_that_is_missing_is_told_at_its_section);
    tcase_add_test(cases, a_keyword_opts_in_only_by_a_published_wording);
    tcase_add_test(cases, a_form_says_what_carriers_and_the_law_ask_for);
    tcase_add_test(cases, tiers_name_carriers_and_their_weights);
    tcase_add_test(cases, routes_and_limits_name_what_there_is);
    tcase_add_test(cases, what_may_be_left_out_may_be_off);
    tcase_add_test(cases, a_receiver_of_events_is_one_that_can_be_posted_to);
    tcase_add_test(cases, hours_are_the_programs_own_or_follow_from_its_purpose);
    tcase_add_test(cases, hours_need_the_systems_time_zones);
    tcase_add_test(cases, hours_that_are_odd_are_warned_of);
    tcase_add_test(cases, how_texts_are_written_must_be_possible);
    tcase_add_test(cases, a_throughput_may_be_a_fraction);
    tcase_add_test(cases, files_of_tls_are_read_at_load_and_named_where_they_are_no_use);
    tcase_add_test(cases, a_name_of_something_else_must_exist);
    tcase_add_test(cases, an_account_can_be_told_from_every_other);
    tcase_add_test(cases, a_long_password_and_an_idle_account_are_warnings);
    tcase_add_test(cases, a_key_is_kept_as_its_sha256_only);
    tcase_add_test(cases, a_variable_that_is_unset_or_empty_is_refused);
    tcase_add_test(cases, a_variable_gives_its_value);
    tcase_add_test(cases, no_problem_tells_a_secret);
    tcase_add_test(cases, an_included_file_is_read_and_named);
    tcase_add_test(cases, a_file_that_cannot_be_read_is_a_problem);
    tcase_add_test(cases, the_database_is_known_whatever_else_of_the_file_is_missing);
    tcase_add_test(cases, the_default_texts_say_what_carriers_demand);
    tcase_add_test(cases, every_placeholder_gets_its_value);
    tcase_add_test(cases, a_language_is_the_first_part_of_its_tag);
    tcase_add_test(cases, a_text_that_carriers_would_refuse_is_refused);
    tcase_add_test(cases, a_text_is_measured_as_it_goes_out);
    tcase_add_test(cases, a_sender_is_what_its_section_says_or_what_it_looks_like);
    tcase_add_test(cases, the_example_loads_without_a_word);
    tcase_add_test(cases, the_example_names_every_key);
    tcase_add_test(cases, a_running_gateway_follows_all_but_the_database_and_where_it_listens);
    tcase_add_test(cases, what_a_carrier_was_bound_with_must_be_the_same_for_its_binds_to_go_on);
    tcase_add_test(cases, a_copy_of_a_carrier_outlives_its_config);
    tcase_add_test(cases, what_the_example_shows_in_comments_is_the_default);
    tcase_add_test(cases, a_keyword_takes_no_word_that_means_something_already);
    tcase_add_test(cases, a_keyword_is_whole_and_says_one_thing);
    tcase_add_test(cases, a_text_of_more_parts_than_a_message_has_is_refused);
    tcase_add_test(cases, the_words_that_part_inbound_texts_are_single_ones);
    tcase_add_test(cases, the_reference_has_every_key);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
