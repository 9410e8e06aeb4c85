/* The body of a batch: its rows are read one by one, whatever they hold. */
#include <event2/buffer.h>

#include "src/doors/http_rows.h"
#include "tests/fuzz/fuzz.h"

static struct evbuffer *body_of(struct octets octets, size_t piece)
{
    struct evbuffer *body = evbuffer_new();
    while (octets.length > 0) { /* as it comes from a socket: in pieces that cut rows anywhere */
        struct octets part = fuzz_take(&octets, piece);
        evbuffer_add_reference(body, part.at, part.length, NULL, NULL);
    }
    return body;
}

/* Gives how many rows there are. */
static size_t read_all(struct batch_rows rows, bool skips)
{
    struct row_read row = {0};
    while (skips ? batch_row_skip(&rows) : batch_row_next(&rows, &row)) {
        must(skips || (row.json == NULL) == (row.why[0] != '\0'));
        must(row.json == NULL || json_is_object(row.json));
        json_decref(row.json);
        row.json = NULL;
    }
    must(!rows.is_ndjson || evbuffer_get_length(rows.body) == 0);
    evbuffer_free(rows.body);
    return rows.count;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length)
{
    struct octets input = octets_of(at, length);
    size_t piece = 1 + fuzz_u8(&input);
    struct row_read fault;
    size_t count = read_all((struct batch_rows){.body = body_of(input, piece), .is_ndjson = true}, false);
    must(count == read_all((struct batch_rows){.body = body_of(input, length + 1), .is_ndjson = true}, true));
    struct batch_rows array = {.body = body_of(input, piece)};
    if (!batch_rows_check(&array, &fault)) {
        must(fault.why[0] != '\0');
        evbuffer_free(array.body);
        return 0;
    }
    count = read_all(array, false);
    must(count == read_all((struct batch_rows){.body = body_of(input, length + 1)}, true));
    return 0;
}
