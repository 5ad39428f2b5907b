/* SPDX-License-Identifier: MIT
 * Reads what only paje.trace has: the names of workers, their memory nodes, and transfers between
 * these.  In a trace that Plait has recorded, workers.rec has the names and the memory nodes. */
#include "config.h"
#include "src/cli/trace/read/rec.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/trace/read/timeline.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct paje {
	struct cli_timeline *tl;
	struct cli_trace_hash node_of_thread; /* by the number in its name */
	struct cli_trace_hash under_way;      /* transfers, by number */
};

/* The number that ends a name like mm0, or -1. */
static int64_t number_of(const char *name)
{
	size_t length = strlen(name), digits = 0;

	while (digits < length && digits < 18 && isdigit((unsigned char)name[length - 1 - digits]))
		digits++;
	return digits ? strtoll(name + length - digits, NULL, 10) : -1;
}

/* "CPU0" and "CUDA0_1" as "CPU 0" and "CUDA 0.1"; stream 0 is left out. */
static void name_worker(struct cli_trace_worker *worker, const char *name)
{
	size_t letters = strcspn(name, "0123456789"), digits = strspn(name + letters, "0123456789");
	const char *stream = name + letters + digits;
	size_t i;

	if (strcmp(stream, "_0") == 0 || *stream != '_')
		stream = "_";
	snprintf(worker->name, sizeof worker->name, "%.*s%s%.*s%s%s",
		 (int)(letters > 24 ? 24 : letters), name, digits ? " " : "",
		 (int)(digits > 8 ? 8 : digits), name + letters, stream[1] ? "." : "", stream + 1);
	while (letters > 0 && isspace((unsigned char)name[letters - 1]))
		letters--;
	for (i = 0; i < letters && i + 1 < sizeof worker->kind; i++)
		worker->kind[i] = (char)tolower((unsigned char)name[i]);
	worker->kind[i] = '\0';
}

/* A thread, or a worker in one. */
static int create(struct paje *paje, const char *line)
{
	char alias[64], type[64], container[64], name[64];
	int at;

	if (sscanf(line, "7 %*f %63s %63s %63s %63s", alias, type, container, name) < 4)
		return -1;
	if (strcmp(type, "T") == 0 && number_of(alias) >= 0)
		return cli_trace_hash_put(&paje->node_of_thread, number_of(alias),
					  number_of(container) < 0 ? 0 : number_of(container))
			       ? 0
			       : -2;
	if (strcmp(type, "W") != 0 || number_of(alias) < 0)
		return 0;
	at = cli_trace_add_worker(paje->tl, number_of(alias));
	if (at < 0)
		return -2;
	name_worker(paje->tl->worker + at, name);
	paje->tl->worker[at].node = cli_trace_hash_get(&paje->node_of_thread, number_of(container));
	return 0;
}

static int begin_transfer(struct paje *paje, double time, int64_t bytes, int64_t node, int64_t key)
{
	struct cli_timeline *tl = paje->tl;
	int64_t before = cli_trace_hash_get(&paje->under_way, key);

	if (before >= 0 && tl->transfer[before].start == time)
		return -3;
	if (!cli_trace_grow(&tl->transfer, tl->transfers, &tl->transfer_room,
			    sizeof *tl->transfer) ||
	    !cli_trace_hash_put(&paje->under_way, key, tl->transfers))
		return -2;
	tl->transfer[tl->transfers++] = (struct cli_trace_transfer){
		.start = time, .end = -1, .from = node, .to = -1, .bytes = bytes
	};
	return 0;
}

/* Links of transfers are those that are called com_N. */
static int link_transfer(struct paje *paje, const char *line, bool begins)
{
	char container[64], key[64];
	int64_t bytes, number, node, at;
	double time;

	if (sscanf(line, "%*d %lf %*s %*s %" SCNd64 " %63s %63s", &time, &bytes, container, key) <
	    4)
		return -1;
	if (strncmp(key, "com_", 4) != 0)
		return 0;
	number = number_of(key);
	node = number_of(container);
	if (number < 0 || node < 0)
		return -1;
	time *= 1e3;
	if (begins)
		return begin_transfer(paje, time, bytes, node, number);
	at = cli_trace_hash_get(&paje->under_way, number);
	if (at >= 0 && paje->tl->transfer[at].to < 0 && time >= paje->tl->transfer[at].start) {
		paje->tl->transfer[at].end = time;
		paje->tl->transfer[at].to = node;
	}
	return 0;
}

static int take_line(struct paje *paje, const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (!isspace((unsigned char)line[digits]))
		return 0;
	if (digits == 1 && *line == '7')
		return create(paje, line);
	if (digits != 2)
		return 0;
	if (memcmp(line, "18", 2) == 0 || memcmp(line, "23", 2) == 0 || memcmp(line, "24", 2) == 0)
		return link_transfer(paje, line, true);
	return memcmp(line, "19", 2) == 0 ? link_transfer(paje, line, false) : 0;
}

static int by_start(const void *a, const void *b)
{
	const struct cli_trace_transfer *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Transfers that had not ended when the trace ended are left out. */
static void sort_transfers(struct cli_timeline *tl)
{
	int64_t kept = 0;

	for (int64_t i = 0; i < tl->transfers; i++)
		if (tl->transfer[i].to >= 0)
			tl->transfer[kept++] = tl->transfer[i];
	tl->transfers = kept;
	if (kept > 0)
		qsort(tl->transfer, (size_t)kept, sizeof *tl->transfer, by_start);
}

int cli_trace_read_paje(struct cli_timeline *tl, const char *path)
{
	struct paje paje = { .tl = tl };
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	int64_t number = 0;
	long length = 0;
	bool whole = true;
	int status = 0;

	if (!file) {
		cli_complain("%s: cannot be opened", path);
		return CLI_FAILED;
	}
	while (status == 0 && !cli_stop &&
	       (length = cli_line_next(file, path, &number, &line, &size, &whole)) >= 0 && whole)
		status = take_line(&paje, line);
	if (status == -1)
		cli_complain("%s:%" PRId64 ": expected a line of a trace, found \"%.60s\"", path,
			     number, line);
	if (status == -3)
		cli_complain("%s:%" PRId64 ": the transfer is in this file twice: was a trace "
			     "appended to it? Keep one: \"%.60s\"",
			     path, number, line);
	tl->cut |= !whole;
	if (status == 0 && !whole)
		cli_complain("%s:%" PRId64 ": cut off here: transfers that follow are unknown",
			     path, number);
	free(line);
	fclose(file);
	cli_trace_hash_free(&paje.node_of_thread);
	cli_trace_hash_free(&paje.under_way);
	sort_transfers(tl);
	return status < 0 || length == -2 ? CLI_FAILED : CLI_DONE;
}

/* -- workers.rec ------------------------------------------------------------------------------- */

static int read_worker(struct cli_timeline *tl, const struct cli_rec *rec)
{
	const char *name = cli_rec_text(rec, "Name"), *kind = cli_rec_text(rec, "Kind");
	int64_t id, node = -1, tasks = -1;
	int at;

	switch (cli_rec_integer(rec, "WorkerId", &id)) {
	case 0:
		return cli_rec_wrong(rec, "WorkerId", "a worker without WorkerId");
	case -1:
		return -1;
	}
	if (cli_rec_integer(rec, "MemoryNode", &node) < 0 ||
	    cli_rec_integer(rec, "Tasks", &tasks) < 0)
		return -1;
	if (cli_trace_worker(tl, id) >= 0)
		return cli_rec_wrong(rec, "WorkerId",
				     "the worker is in this file twice: was a trace appended to "
				     "it? Keep one");
	at = cli_trace_add_worker(tl, id);
	if (at < 0)
		return -1;
	if (kind)
		name_worker(tl->worker + at, kind);
	if (name)
		snprintf(tl->worker[at].name, sizeof tl->worker[at].name, "%s", name);
	tl->worker[at].node = node;
	tl->worker[at].recorded = tasks;
	return 0;
}

int cli_trace_read_workers(struct cli_timeline *tl, const char *path)
{
	struct cli_rec rec;
	int status = cli_rec_open(&rec, path), got = 1;

	if (status != CLI_DONE)
		return status;
	while ((got = cli_rec_next(&rec)) > 0)
		if (read_worker(tl, &rec) < 0) {
			got = -1;
			break;
		}
	tl->cut |= rec.cut;
	cli_rec_close(&rec);
	return got < 0 ? CLI_FAILED : CLI_DONE;
}
