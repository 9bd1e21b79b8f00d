/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does code go on where it stopped, on a stack of its own? */
#include "sim/ctx.h"

#include <errno.h>
#include <glib.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0
#define VALGRIND_STACK_DEREGISTER(id) ((void)(id))
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

/* Processes keep large buffers on the heap. */
#define STACK_SIZE ((size_t)256 << 10)

/* A guard splits the stacks into mappings, and the kernel has 65,530 of those for a program.  Who has
 * more processes does without: the others' stacks are one mapping together. */
#define MOST_GUARDED 10000U
static unsigned guarded;

/* Processors for which nobody wrote a switch have the C library's, which asks the kernel for the signal
 * mask each time. */
#if !defined(__x86_64__) || defined(__ILP32__) || defined(__SHSTK__)
#define CTX_PORTABLE
#endif

#ifdef CTX_PORTABLE
#include <ucontext.h>
typedef ucontext_t place;
#else
typedef void *place; /* the stack pointer: all else is on the stack */
#endif

struct ctx {
	place at;
	void (*fn)(void *arg);
	void *arg;
	char *map; /* the guard page and the stack above it; NULL: a stack that is not ours */
	size_t guard;
	bool is_guarded;
	struct ctx *ended_by; /* where to go on once the stack is unwound; NULL: it lives */
	uintptr_t frame;      /* of the first function on it */
	jmp_buf unwound;
	struct _Unwind_Exception exception;
	unsigned valgrind_id;
#ifdef __SANITIZE_ADDRESS__
	const void *bottom;
	size_t size;
	void *fake_stack;
#endif
#ifdef __SANITIZE_THREAD__
	void *fiber;
#endif
};

/* --- the switch ------------------------------------------------------------------------------- */

#ifdef CTX_PORTABLE

static void start(unsigned high, unsigned low);

static void place_init(struct ctx *ctx) {
	uintptr_t address = (uintptr_t)ctx;

	getcontext(&ctx->at);
	ctx->at.uc_stack.ss_sp = ctx->map + ctx->guard;
	ctx->at.uc_stack.ss_size = STACK_SIZE;
	ctx->at.uc_link = NULL;
	makecontext(&ctx->at, (void (*)(void))start, 2, (unsigned)(address >> 16 >> 16),
	            (unsigned)address);
}

static void swap(struct ctx *from, struct ctx *to) { swapcontext(&from->at, &to->at); }

#else

/* Pushes what a called function must preserve, leaves the stack pointer in *from and takes the other.
 * (The modes of the floating-point units must be too; nobody changes them.)  A new stack holds the
 * same picture, with the context in %rbx, and the thunk as whom to return to: it has nobody above it,
 * as unwinders and debuggers are told. */
void sopsim_ctx_swap(void **from, void *to);
void sopsim_ctx_thunk(void);
__asm__(".text\n"
        ".globl sopsim_ctx_swap, sopsim_ctx_thunk\n"
        ".hidden sopsim_ctx_swap, sopsim_ctx_thunk\n"
        ".type sopsim_ctx_swap, @function\n"
        "sopsim_ctx_swap:\n"
        "	.cfi_startproc\n"
        "	pushq %rbp\n	.cfi_adjust_cfa_offset 8\n"
        "	pushq %rbx\n	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r12\n	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r13\n	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r14\n	.cfi_adjust_cfa_offset 8\n"
        "	pushq %r15\n	.cfi_adjust_cfa_offset 8\n"
        "	movq %rsp, (%rdi)\n"
        "	movq %rsi, %rsp\n"
        "	popq %r15\n	.cfi_adjust_cfa_offset -8\n"
        "	popq %r14\n	.cfi_adjust_cfa_offset -8\n"
        "	popq %r13\n	.cfi_adjust_cfa_offset -8\n"
        "	popq %r12\n	.cfi_adjust_cfa_offset -8\n"
        "	popq %rbx\n	.cfi_adjust_cfa_offset -8\n"
        "	popq %rbp\n	.cfi_adjust_cfa_offset -8\n"
        "	ret\n"
        "	.cfi_endproc\n"
        ".size sopsim_ctx_swap, . - sopsim_ctx_swap\n"
        ".type sopsim_ctx_thunk, @function\n"
        "sopsim_ctx_thunk:\n"
        "	.cfi_startproc\n"
        "	.cfi_undefined rip\n"
        "	movq %rbx, %rdi\n"
        "	call sopsim_ctx_start\n"
        "	ud2\n"
        "	.cfi_endproc\n"
        ".size sopsim_ctx_thunk, . - sopsim_ctx_thunk\n");

enum { SAVED = 6, SAVED_RBX = 4 }; /* registers, in the order of the pops */

static void place_init(struct ctx *ctx) {
	/* Room for what the thunk returns to, which is nothing, and the alignment that a call has. */
	uintptr_t *top = (uintptr_t *)(void *)(ctx->map + ctx->guard + STACK_SIZE) - 2;
	uintptr_t *saved = top - SAVED - 1;

	saved[SAVED_RBX] = (uintptr_t)ctx;
	saved[SAVED] = (uintptr_t)sopsim_ctx_thunk;
	ctx->at = saved;
}

static void swap(struct ctx *from, struct ctx *to) { sopsim_ctx_swap(&from->at, to->at); }

#endif

/* --- whom it concerns that the stack changes ---------------------------------------------------- */

#ifdef __SANITIZE_ADDRESS__

static struct ctx *left; /* whose code ran last */

/* `last`: nothing on the stack that is left is needed any more. */
static void leave(struct ctx *from, const struct ctx *to, bool last) {
	left = from;
	__sanitizer_start_switch_fiber(last ? NULL : &from->fake_stack, to->bottom, to->size);
}

static void arrive(const struct ctx *ctx) {
	__sanitizer_finish_switch_fiber(ctx->fake_stack, &left->bottom, &left->size);
}

static void stack_announce(struct ctx *ctx) {
	ctx->bottom = ctx->map + ctx->guard;
	ctx->size = STACK_SIZE;
}

/* AddressSanitizer sees exceptions that are raised, and forgets the frames that they pass; of a forced
 * unwinding it knows nothing, and takes cleanups for writes into frames that are no more. */
static void stack_forget(struct ctx *ctx) {
	__asan_unpoison_memory_region(ctx->map + ctx->guard, STACK_SIZE);
}

static void stack_renounce(struct ctx *ctx) { (void)ctx; }

#elif defined(__SANITIZE_THREAD__)

/* It would leave in one what it had entered in the other. */
static __attribute__((no_sanitize("thread"))) void leave(struct ctx *from, const struct ctx *to,
                                                         bool last) {
	(void)last;
	from->fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(to->fiber, 0);
}

static void arrive(const struct ctx *ctx) { (void)ctx; }
static void stack_announce(struct ctx *ctx) { ctx->fiber = __tsan_create_fiber(0); }
static void stack_forget(struct ctx *ctx) { (void)ctx; }
static void stack_renounce(struct ctx *ctx) { __tsan_destroy_fiber(ctx->fiber); }

#else

static void leave(struct ctx *from, const struct ctx *to, bool last) {
	(void)from, (void)to, (void)last;
}

static void arrive(const struct ctx *ctx) { (void)ctx; }
static void stack_announce(struct ctx *ctx) { (void)ctx; }
static void stack_forget(struct ctx *ctx) { (void)ctx; }
static void stack_renounce(struct ctx *ctx) { (void)ctx; }

#endif

/* --- life --------------------------------------------------------------------------------------- */

static void ctx_main(struct ctx *ctx) {
	arrive(ctx);
	ctx->frame = (uintptr_t)__builtin_frame_address(0);
	if (setjmp(ctx->unwound) == 0)
		ctx->fn(ctx->arg);
	g_assert(ctx->ended_by);
	leave(ctx, ctx->ended_by, true);
	swap(ctx, ctx->ended_by);
	g_assert_not_reached();
}

#ifdef CTX_PORTABLE
static void start(unsigned high, unsigned low) {
	ctx_main((struct ctx *)((uintptr_t)high << 16 << 16 | low));
}
#else
void sopsim_ctx_start(struct ctx *ctx);
__attribute__((used)) void sopsim_ctx_start(struct ctx *ctx) { ctx_main(ctx); }
#endif

static void stack_map(struct ctx *ctx) {
	ctx->guard = (size_t)sysconf(_SC_PAGESIZE);
	ctx->map = mmap(NULL, ctx->guard + STACK_SIZE, PROT_READ | PROT_WRITE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (ctx->map == MAP_FAILED)
		g_error("no memory for a process's stack: %s", g_strerror(errno));
	if (guarded < MOST_GUARDED) {
		guarded++;
		ctx->is_guarded = true;
		if (mprotect(ctx->map, ctx->guard, PROT_NONE) < 0)
			g_error("a process's stack cannot be guarded: %s", g_strerror(errno));
	} else {
		/* Small pages still: each uses a few. */
		madvise(ctx->map, ctx->guard + STACK_SIZE, MADV_NOHUGEPAGE);
	}
}

struct ctx *ctx_new(void (*fn)(void *arg), void *arg) {
	struct ctx *ctx = g_new0(struct ctx, 1);

	ctx->fn = fn;
	ctx->arg = arg;
	stack_map(ctx);
	ctx->valgrind_id = VALGRIND_STACK_REGISTER(ctx->map + ctx->guard,
	                                           ctx->map + ctx->guard + STACK_SIZE - 1);
	stack_announce(ctx);
	place_init(ctx);
	return ctx;
}

struct ctx *ctx_here(void) { return g_new0(struct ctx, 1); }

void ctx_free(struct ctx *ctx) {
	if (!ctx)
		return;
	if (ctx->map) {
		VALGRIND_STACK_DEREGISTER(ctx->valgrind_id);
		stack_renounce(ctx);
		munmap(ctx->map, ctx->guard + STACK_SIZE);
		guarded -= ctx->is_guarded;
	}
	g_free(ctx);
}

/* --- the end of one ----------------------------------------------------------------------------- */

static _Unwind_Reason_Code stop(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
                                struct _Unwind_Exception *exception,
                                struct _Unwind_Context *context, void *arg) {
	struct ctx *ctx = arg;

	(void)version, (void)class, (void)exception;
	if ((actions & _UA_END_OF_STACK) || _Unwind_GetCFA(context) > ctx->frame)
		longjmp(ctx->unwound, 1);
	return _URC_NO_REASON;
}

void ctx_switch(struct ctx *from, struct ctx *to) {
	leave(from, to, false);
	swap(from, to);
	arrive(from);
	if (G_UNLIKELY(from->ended_by)) {
		stack_forget(from);
		_Unwind_ForcedUnwind(&from->exception, stop, from);
		g_assert_not_reached();
	}
}

void ctx_end(struct ctx *from, struct ctx *ctx) {
	ctx->ended_by = from;
	ctx_switch(from, ctx);
}
