/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a program's image is made ready before its code runs: functions that would tell the time
 * without a call, and the random bytes that the kernel hands a new program.
 *
 * The vdso's functions are overwritten with the system calls that they spare.  That is done at the first
 * call of a new image; and since nothing else tells that an exec has succeeded, an image that is not
 * ready yet is a new one.
 */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/image.h"
#include "exec/memory.h"

struct replaced {
	const char *name;
	int nr; /* the call that it becomes; negative: it fails with this errno */
	uint64_t offset;
};

/* All machines have the simulator's own vdso. */
static struct replaced functions[] = {
	{"__vdso_clock_gettime", SYS_clock_gettime, 0},
	{"__vdso_gettimeofday", SYS_gettimeofday, 0},
	{"__vdso_time", SYS_time, 0},
	{"__vdso_clock_getres", SYS_clock_getres, 0},
	{"__vdso_getcpu", SYS_getcpu, 0},
	{"__vdso_getrandom", -38, 0},
};

/* mov $NR, %eax; syscall; ret: the arguments are where the call takes them. */
static size_t code_of(const struct replaced *f, unsigned char code[16]) {
	if (f->nr < 0) { /* mov $errno, %rax; ret */
		memcpy(code, (unsigned char[]){0x48, 0xc7, 0xc0}, 3);
		memcpy(code + 3, &f->nr, 4);
		code[7] = 0xc3;
		return 8;
	}
	code[0] = 0xb8;
	memcpy(code + 1, &f->nr, 4);
	memcpy(code + 5, (unsigned char[]){0x0f, 0x05, 0xc3}, 3);
	return 8;
}

static void note_symbol(const char *name, uint64_t offset) {
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
		if (g_str_equal(functions[i].name, name))
			functions[i].offset = offset;
}

/* Reads the symbols of our own, once. */
static void find_functions(void) {
	static bool found;
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)base;
	const Elf64_Shdr *section;

	if (found || !base)
		return;
	found = true;
	section = (const Elf64_Shdr *)(base + head->e_shoff);
	for (unsigned i = 0; i < head->e_shnum; i++) {
		const Elf64_Sym *symbol = (const Elf64_Sym *)(base + section[i].sh_offset);
		const char *names = base + section[section[i].sh_link].sh_offset;

		if (section[i].sh_type != SHT_DYNSYM)
			continue;
		for (size_t s = 0; s < section[i].sh_size / sizeof *symbol; s++)
			note_symbol(names + symbol[s].st_name, symbol[s].st_value);
	}
}

/* An entry of the auxiliary vector; 0: none. */
static uint64_t auxv_value(const struct thread *t, uint64_t type) {
	g_autofree char *path = g_strdup_printf("/proc/%d/auxv", t->process->pid), *bytes = NULL;
	gsize len;

	if (!g_file_get_contents(path, &bytes, &len, NULL))
		return 0;
	for (size_t i = 0; i + 16 <= len; i += 16) {
		uint64_t entry[2];

		memcpy(entry, bytes + i, sizeof entry);
		if (entry[0] == type)
			return entry[1];
	}
	return 0;
}

bool image_is_ready(const struct thread *t) {
	uint64_t vdso = auxv_value(t, AT_SYSINFO_EHDR);
	unsigned char is[8], code[16];

	find_functions();
	code_of(&functions[0], code);
	return vdso && !mem_read(t, vdso + functions[0].offset, is, sizeof is) &&
	       memcmp(is, code, sizeof is) == 0;
}

void image_make_ready(const struct thread *t) {
	static const char no_chance[17] = "0123456789abcdef";
	g_autofree char *path = g_strdup_printf("/proc/%d/mem", t->process->pid);
	uint64_t vdso = auxv_value(t, AT_SYSINFO_EHDR), random = auxv_value(t, AT_RANDOM);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char code[16];

	find_functions();
	for (size_t i = 0; fd >= 0 && vdso && i < G_N_ELEMENTS(functions); i++) {
		size_t len = code_of(&functions[i], code);

		if (functions[i].offset &&
		    pwrite(fd, code, len, (off_t)(vdso + functions[i].offset)) != (ssize_t)len)
			g_warning("%s: the vdso of a program cannot be written",
			          t->process->program->name);
	}
	if (random)
		mem_write(t, random, no_chance, 16);
	if (fd >= 0)
		close(fd);
}
