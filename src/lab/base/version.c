/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program, of which commit, is this? */
#include "lab/base/version.h"

#include <elf.h>
#include <glib.h>
#include <link.h>
#include <string.h>

#include "commit.h"
#include "lab/base/digest.h"

#define DIRTY "-dirty"

const char *version_number(void) { return SOPSIM_VERSION; }

const char *version_commit(void) {
	static char *commit;

	if (!commit)
		commit = g_strndup(SOPSIM_COMMIT,
		                   strlen(SOPSIM_COMMIT) - (version_dirty() ? strlen(DIRTY) : 0));
	return commit;
}

/* The linker's name of a program, among the notes that it has in memory. */
static char *name_in(const char *at, size_t size) {
	const char *end = at + size;

	while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		const char *owner = at + sizeof *note;
		const guchar *bytes = (const guchar *)owner + ((note->n_namesz + 3) & ~3U);
		GString *name;

		at = (const char *)bytes + ((note->n_descsz + 3) & ~3U);
		if (at > end || note->n_type != NT_GNU_BUILD_ID || note->n_namesz != 4 ||
		    memcmp(owner, "GNU", 4) != 0)
			continue;
		name = g_string_new(NULL);
		for (unsigned i = 0; i < note->n_descsz; i++)
			g_string_append_printf(name, "%02x", bytes[i]);
		return g_string_free(name, FALSE);
	}
	return NULL;
}

/* The first that is told of is the program. */
static int look(struct dl_phdr_info *info, size_t size, void *name) {
	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum && !*(char **)name; i++)
		if (info->dlpi_phdr[i].p_type == PT_NOTE)
			*(char **)name =
				name_in((const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr,
			                info->dlpi_phdr[i].p_memsz);
	return 1;
}

const char *version_build(void) {
	static char *build;

	if (!version_dirty())
		return NULL;
	if (!build)
		dl_iterate_phdr(look, &build);
	if (!build)
		build = g_strdup(digest_of("/proc/self/exe"));
	return build;
}

bool version_dirty(void) { return g_str_has_suffix(SOPSIM_COMMIT, DIRTY); }
