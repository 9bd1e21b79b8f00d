/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a TCP script: read, refused, or beyond the runner. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pkt/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	GHashTable *defines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	int fd = memfd_create("script", 0);
	char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	GError *error = NULL;
	struct script *script;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	script = script_parse(path, defines, &error);
	if (!script == !error)
		abort();
	if (error && !g_str_has_prefix(error->message, path))
		abort();
	if (script)
		script_free(script);
	g_clear_error(&error);
	g_hash_table_unref(defines);
	g_free(path);
	close(fd);
	return 0;
}
