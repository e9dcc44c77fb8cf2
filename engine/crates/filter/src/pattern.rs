//! One pattern: components, `**`, a leading slash, a leading `!`.
