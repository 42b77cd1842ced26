/// Mirrors and curated tables.
@NullMarked
package io.levada.transform;

import org.jspecify.annotations.NullMarked;
