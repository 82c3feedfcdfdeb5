/*
 * A PKCS#11 library that misbehaves, for tests: built with -DON_INITIALIZE=<what C_Initialize does>.
 * Everything that is not listed answers CKR_FUNCTION_NOT_SUPPORTED.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long (*function)(void);

struct function_list {
  unsigned char version[2];
  function functions[68];
};

static int initialized = STARTS_INITIALIZED;

static unsigned long not_supported(void) { return 0x54; }

static unsigned long initialize(void) {
  ON_INITIALIZE;
  if (initialized) return 0x191; /* CKR_CRYPTOKI_ALREADY_INITIALIZED */
  initialized = 1;
  return 0;
}

static unsigned long finalize(void) {
  if (!initialized) return 0x190; /* CKR_CRYPTOKI_NOT_INITIALIZED */
  initialized = 0;
  return 0;
}

struct info {
  unsigned char cryptoki_version[2];
  unsigned char manufacturer[32];
  unsigned long flags;
  unsigned char description[32];
  unsigned char version[2];
};

static unsigned long get_info(struct info *info) {
  memset(info, 0, sizeof *info);
  memset(info->manufacturer, ' ', 32);
  memset(info->description, ' ', 32);
  memcpy(info->description, "misbehaving", 11);
  info->version[0] = 7;
  info->version[1] = 3;
  return 0;
}

unsigned long C_GetFunctionList(struct function_list **list) {
  static struct function_list functions;
  for (int i = 0; i < 68; i++) functions.functions[i] = not_supported;
  functions.version[0] = 2;
  functions.version[1] = 40;
  functions.functions[0] = initialize;
  functions.functions[1] = finalize;
  functions.functions[2] = (function)get_info;
  functions.functions[3] = (function)C_GetFunctionList;
  *list = &functions;
  return 0;
}
