// The opt-in compiled form (docs/decisions/compiled-form.md). A header that many units include and that pulls in much
// marks its functions OCTET_API and puts their bodies, with what only the bodies include, behind `#if OCTET_BODIES`.
#pragma once

#if !defined(OCTET_COMPILED) && !defined(OCTET_BUILDING)
#define OCTET_HEADER_ONLY 1
#else
#define OCTET_HEADER_ONLY 0
#endif

#if defined(OCTET_COMPILED)  // a host: the library octet-compiled has the bodies
#define OCTET_API
#define OCTET_BODIES 0
#elif defined(OCTET_BUILDING)  // that library: functions with a symbol of their own
#define OCTET_API
#define OCTET_BODIES 1
#else  // header-only, the default
#define OCTET_API inline
#define OCTET_BODIES 1
#endif
