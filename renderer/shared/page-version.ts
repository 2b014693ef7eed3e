declare const __MCOS_VERSION__: string;

/** The release that this page was built with. */
export const pageVersion = __MCOS_VERSION__;
