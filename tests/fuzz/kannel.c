/* A kannel.conf: whatever it says, lines only go up, and what is written of it is told without control characters. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/cli/kannel_writer.h"
#include "tests/fuzz/fuzz.h"

static void check_groups(const struct kannel_conf *conf)
{
    for (size_t i = 0; i < conf->count; i++)
        for (size_t j = 1; j < conf->at[i].count; j++)
            must(conf->at[i].at[j - 1].line < conf->at[i].at[j].line);
}

static void write_all(const struct kannel_conf *conf, bool shows_secrets)
{
    char *written = NULL;
    size_t length = 0;
    struct kannel_writer writer = {.out = open_memstream(&written, &length), .shows_secrets = shows_secrets};
    kannel_import_write(&writer, conf);
    fclose(writer.out);
    for (size_t i = 0; i < length; i++)
        must((unsigned char)written[i] >= 0x20 || written[i] == '\n');
    kannel_writer_wipe(&writer);
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    char path[60];
    struct config_problems problems = {0};
    int file = memfd_create("kannel.conf", 0);
    must(file >= 0 && write(file, at, length) == (ssize_t)length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    for (int i = 0; i < 2; i++) {
        struct kannel_conf *conf = kannel_conf_read(path, &problems);
        must((conf == NULL) == (problems.count > 0));
        if (conf != NULL) {
            check_groups(conf);
            write_all(conf, i == 1);
        }
        kannel_conf_free(conf);
        config_problems_wipe(&problems);
    }
    close(file);
    return 0;
}
