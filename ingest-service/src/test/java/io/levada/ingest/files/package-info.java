@NullMarked
package io.levada.ingest.files;

import org.jspecify.annotations.NullMarked;
