/// Mirrors: the current rows of each keyed source table, computed from the history in its raw table.
///
/// A mirror is recomputed whole from the exact files of the newest raw snapshot and replaced in one commit; changes are
/// not merged into it.
@NullMarked
package io.levada.transform.mirror;

import org.jspecify.annotations.NullMarked;
