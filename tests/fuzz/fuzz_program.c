/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the text of a program: read, or refused in one line. */
#include <string.h>

#include "script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	char *text = g_strndup((const char *)data, size);
	GError *error = NULL;
	struct script *script = script_read(text, &error);

	if (!script == !error)
		abort();
	if (error && (strchr(error->message, '\n') || !strstr(error->message, "; allowed: ")))
		abort();
	if (script)
		script_drop(script);
	g_clear_error(&error);
	g_free(text);
	return 0;
}
