/* A place for a test: a directory of its own, with a database's path in it, and a config that is read from text.
 * Opened and removed by the fixtures of the tests that need a real file. */
#ifndef TESTS_UNIT_PLACE_H
#define TESTS_UNIT_PLACE_H

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"

static char place_directory[40], place_path[64];

static inline void place_open(void)
{
    snprintf(place_directory, sizeof place_directory, "/tmp/assent-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place_directory));
    snprintf(place_path, sizeof place_path, "%s/a.db", place_directory);
}

static inline void place_remove(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[80];
        snprintf(file, sizeof file, "%s%s", place_path, suffixes[i]);
        unlink(file);
    }
    rmdir(place_directory);
}

/* The caller owns the config. */
static inline struct config *place_config(const char *text)
{
    char file[80];
    struct config_problems problems = {0};
    snprintf(file, sizeof file, "%s/test.conf", place_directory);
    FILE *out = fopen(file, "w");
    fputs(text, out);
    fclose(out);
    struct config *config = config_load(file, &problems);
    ck_assert_msg(config != NULL, "%s", problems.count > 0 ? problems.at[0].text : "?");
    config_problems_wipe(&problems);
    unlink(file);
    return config;
}

/* As somebody's shell would, beside whoever has the database open. */
static inline void place_run_sql(const char *sql)
{
    sqlite3 *db;
    char *error = NULL;
    ck_assert_int_eq(sqlite3_open(place_path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &error);
    ck_assert_msg(error == NULL, "%s: %s", sql, error);
    sqlite3_close(db);
}

#endif
