/// Mirrors: the current rows of each keyed source table, computed from the history in its raw table.
@NullMarked
package io.levada.transform.mirror;

import org.jspecify.annotations.NullMarked;
