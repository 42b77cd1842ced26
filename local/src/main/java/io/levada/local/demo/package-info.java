/// The default example's source database: embedded, and filled by a small generator.
@NullMarked
package io.levada.local.demo;

import org.jspecify.annotations.NullMarked;
