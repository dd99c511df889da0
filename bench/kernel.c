// SPDX-License-Identifier: GPL-2.0-only
// The running kernel's side of `vmalab bench`: the same worlds and operations as src/cli/bench_worlds.ts.
//
// kernel top|hole|mprotect VMAS: makes the mappings, prints "ready", then answers each line COUNT on standard input
// with the CPU nanoseconds that COUNT operations took.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096UL
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static char *base;
static uint32_t vmas, state = 1;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char *map(char *addr, size_t len, int prot, int flags)
{
	char *at = mmap(addr, len, prot, flags, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static void unmap(char *addr, size_t len)
{
	if (munmap(addr, len))
		die("munmap");
}

static void protect(char *addr, size_t len, int prot)
{
	if (mprotect(addr, len, prot))
		die("mprotect");
}

static uint32_t chosen(void)
{
	state = state * 1664525 + 1013904223;
	return (state >> 4) % vmas;
}

static void top(void)
{
	unmap(map(NULL, PAGE, PROT_READ | PROT_WRITE, ANONYMOUS), PAGE);
}

static void hole(void)
{
	char *at = base + (2 * (size_t)chosen() + 1) * PAGE;

	map(at, PAGE, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_FIXED);
	unmap(at, PAGE);
}

static void split(void)
{
	uint32_t i = chosen();
	char *at = base + (3 * (size_t)i + 1) * PAGE;

	protect(at, PAGE, PROT_READ | PROT_WRITE);
	protect(at, PAGE, i % 2 ? PROT_READ : PROT_NONE);
}

static void make(const char *kind)
{
	int apart = !strcmp(kind, "hole") ? 2 : !strcmp(kind, "mprotect") ? 3 : 0;
	size_t len = apart == 3 ? 3 * PAGE : PAGE;
	size_t whole = (size_t)apart * vmas * PAGE;

	if (whole) {
		base = map(NULL, whole, PROT_NONE, ANONYMOUS | MAP_NORESERVE);
		unmap(base, whole);
	}
	for (uint32_t i = 0; i < vmas; i++)
		map(apart ? base + (size_t)apart * i * PAGE : NULL, len, i % 2 ? PROT_READ : PROT_NONE,
		    ANONYMOUS | (apart ? MAP_FIXED : 0));
}

static int64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int main(int argc, char **argv)
{
	void (*operate)(void);
	long count;

	if (argc != 3)
		return 2;
	operate = !strcmp(argv[1], "top") ? top : !strcmp(argv[1], "hole") ? hole : split;
	vmas = strtoul(argv[2], NULL, 10);
	// stdio's own buffers come first, so that none is mapped among ours.
	puts("making");
	fflush(stdout);
	make(argv[1]);
	puts("ready");
	fflush(stdout);
	while (scanf("%ld", &count) == 1) {
		int64_t before = cpu_ns();

		for (long i = 0; i < count; i++)
			operate();
		printf("%lld\n", (long long)(cpu_ns() - before));
		fflush(stdout);
	}
	return 0;
}
