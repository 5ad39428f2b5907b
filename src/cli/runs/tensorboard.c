/* SPDX-License-Identifier: MIT
 * A file is TFRecords of protocol buffers: tensorflow/core/lib/io/record_writer.h has the frame,
 * tensorflow/core/util/event.proto and framework/summary.proto the messages.  Of these an event
 * needs wall_time (1, double), step (2, int64), file_version (3, string) and summary (5); a summary
 * has values (1), of a tag (1, string) and a simple_value (2, float). */
#include "config.h"
#include "src/cli/runs/tensorboard.h"
#include "src/cli/runs/runs.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"
#include "src/base/base.h"
#include "src/base/grow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_BYTES 512 /* of a message: its tag is the name of a figure */

uint32_t cli_crc32c(const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;
	uint32_t crc = ~0u;

	for (size_t i = 0; i < size; i++) {
		crc ^= byte[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* -- messages ---------------------------------------------------------------------------------- */

struct message {
	size_t size;
	uint8_t byte[MOST_BYTES];
};

static void put_bytes(struct message *m, const void *bytes, size_t size)
{
	PLAIT__ASSERT(m->size + size <= MOST_BYTES, "names of figures are cut to what a tag holds");
	memcpy(m->byte + m->size, bytes, size);
	m->size += size;
}

/* Numbers are little-endian, whatever the machine is. */
static void put_fixed(struct message *m, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(value >> (8 * i));

		put_bytes(m, &byte, 1);
	}
}

static void put_varint(struct message *m, uint64_t value)
{
	do {
		uint8_t byte = (uint8_t)((value & 127) | (value > 127 ? 128 : 0));

		put_bytes(m, &byte, 1);
		value >>= 7;
	} while (value > 0);
}

/* How a field is written, behind its number. */
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

static void put_key(struct message *m, int field, int type)
{
	put_varint(m, (uint64_t)(field << 3 | type));
}

static void put_part(struct message *m, int field, const void *bytes, size_t size)
{
	put_key(m, field, BYTES);
	put_varint(m, size);
	put_bytes(m, bytes, size);
}

/* Seconds since 1970. */
static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static struct message begin_event(int64_t step)
{
	struct message m = { 0 };
	double seconds = now();
	uint64_t bits;

	memcpy(&bits, &seconds, sizeof bits);
	put_key(&m, 1, FIXED64);
	put_fixed(&m, bits, 8);
	put_key(&m, 2, VARINT);
	put_varint(&m, (uint64_t)step);
	return m;
}

/* -- files ------------------------------------------------------------------------------------- */

static void fail(struct cli_tensorboard *board, const char *path)
{
	if (!board->failed)
		cli_complain("%s: cannot be written: %s", path, strerror(errno));
	board->failed = 1;
}

static uint64_t masked_crc(const void *bytes, size_t size)
{
	uint32_t crc = cli_crc32c(bytes, size);

	return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void write_record(FILE *file, const struct message *m)
{
	struct message frame = { 0 };

	put_fixed(&frame, m->size, 8);
	put_fixed(&frame, masked_crc(frame.byte, 8), 4);
	fwrite(frame.byte, 1, frame.size, file);
	fwrite(m->byte, 1, m->size, file);
	frame.size = 0;
	put_fixed(&frame, masked_crc(m->byte, m->size), 4);
	fwrite(frame.byte, 1, frame.size, file);
}

/* Makes all folders of a path that ends in one.  Returns -1 with errno. */
static int make_folders(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST) {
			*slash = '/';
			return -1;
		}
	}
	return mkdir(path, 0777) < 0 && errno != EEXIST ? -1 : 0;
}

static FILE *create(struct cli_tensorboard *board, const char *name)
{
	char host[64] = "host", *folder = plait__format("%s/%s", board->folder, name), *path;
	struct message version = begin_event(0);
	FILE *file = NULL;

	gethostname(host, sizeof host - 1);
	path = plait__format("%s/events.out.tfevents.%010ld.%s.%ld", folder ? folder : "",
			     (long)now(), host, (long)getpid());
	if (folder && path && make_folders(folder) == 0)
		file = fopen(path, "we");
	if (file) {
		put_part(&version, 3, "brain.Event:2", strlen("brain.Event:2"));
		write_record(file, &version);
	} else
		fail(board, folder ? folder : board->folder);
	free(folder);
	free(path);
	return file;
}

/* That of a run; NULL after saying why there is none. */
static struct cli_tensorboard_file *find(struct cli_tensorboard *board, const char *name)
{
	struct cli_tensorboard_file *file;

	for (int i = 0; i < board->count; i++)
		if (strcmp(board->file[i].name, name) == 0)
			return board->file[i].file ? &board->file[i] : NULL;
	if (plait__grow(&board->file, &board->room, (size_t)board->count + 1, sizeof *board->file,
			"files of events") < 0)
		return NULL;
	file = &board->file[board->count];
	*file = (struct cli_tensorboard_file){ .name = plait__strdup(name) };
	if (!file->name)
		return NULL;
	board->count++;
	file->file = create(board, name);
	return file->file ? file : NULL;
}

/* -- figures ----------------------------------------------------------------------------------- */

static void put_figure(FILE *file, int64_t step, const char *before, const char *key, double value)
{
	struct message event = begin_event(step), summary = { 0 }, item = { 0 };
	float simple = (float)value;
	char tag[128];
	uint32_t bits;

	snprintf(tag, sizeof tag, "%s%s", before, key);
	memcpy(&bits, &simple, sizeof bits);
	put_part(&item, 1, tag, strlen(tag));
	put_key(&item, 2, FIXED32);
	put_fixed(&item, bits, 4);
	put_part(&summary, 1, item.byte, item.size);
	put_part(&event, 5, summary.byte, summary.size);
	write_record(file, &event);
}

/* Of a pool a member has folders of its own. */
static void name_folder(char name[256], const json_t *line, const char *what)
{
	const char *member = json_string_value(json_object_get(line, "name"));

	snprintf(name, 256, "%.200s%s%s", member ? member : "", member ? "/" : "", what);
	for (char *c = name; member && c < name + strlen(member) && c < name + 200; c++)
		*c = *c == '/' ? '_' : *c;
}

/* The figures of an object: those of evaluation, which are of an epoch, or the others. */
static void put_figures(FILE *file, int64_t step, const char *before, json_t *object,
			bool evaluated, bool inside)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		bool is_val = strncmp(key, "val_", 4) == 0;

		if (json_is_object(value) && is_val == evaluated)
			put_figures(file, step, before, value, evaluated, true);
		else if (json_is_number(value) && (inside || is_val == evaluated) &&
			 cli_runs_is_figure(key))
			put_figure(file, step, before, key + (is_val ? 4 : 0),
				   json_number_value(value));
	}
}

static bool is_evaluated(const json_t *line)
{
	return json_object_get(line, "val_loss") || json_object_get(line, "val_metrics");
}

void cli_tensorboard_add(struct cli_tensorboard *board, const json_t *line)
{
	const char *event = json_string_value(json_object_get(line, "event"));
	bool is_step = event && strcmp(event, "step") == 0;
	struct cli_tensorboard_file *train;
	char name[256];
	int64_t step;

	if (!is_step && !(event && strcmp(event, "epoch") == 0))
		return;
	name_folder(name, line, "train");
	train = find(board, name);
	if (!train)
		return;
	if (!is_step)
		train->step += json_integer_value(json_object_get(line, "steps"));
	step = is_step ? json_integer_value(json_object_get(line, "step")) : train->step;
	put_figures(train->file, step, is_step ? "step_" : "", (json_t *)(uintptr_t)line, false,
		    false);
	if (is_step || !is_evaluated(line))
		return;
	name_folder(name, line, "val");
	train = find(board, name);
	if (train)
		put_figures(train->file, step, "", (json_t *)(uintptr_t)line, true, false);
}

int cli_tensorboard_flush(struct cli_tensorboard *board)
{
	for (int i = 0; i < board->count; i++)
		if (board->file[i].file &&
		    (fflush(board->file[i].file) != 0 || ferror(board->file[i].file)))
			fail(board, board->folder);
	return board->failed ? CLI_FAILED : CLI_DONE;
}

int cli_tensorboard_close(struct cli_tensorboard *board)
{
	int status = cli_tensorboard_flush(board);

	for (int i = 0; i < board->count; i++) {
		if (board->file[i].file && fclose(board->file[i].file) != 0)
			fail(board, board->folder);
		free(board->file[i].name);
	}
	free(board->file);
	status = board->failed ? CLI_FAILED : status;
	*board = (struct cli_tensorboard){ 0 };
	return status;
}
