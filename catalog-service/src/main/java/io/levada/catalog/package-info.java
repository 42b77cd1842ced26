/// The one committer, and the catalog that it serves.
@NullMarked
package io.levada.catalog;

import org.jspecify.annotations.NullMarked;
