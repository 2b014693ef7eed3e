export function prebuiltKeytar(platform: string, arch: string, directory?: string): string;
export function placeKeytar(platform: string, arch: string, directory?: string): void;
